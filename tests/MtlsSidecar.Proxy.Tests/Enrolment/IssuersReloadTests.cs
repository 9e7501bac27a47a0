using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using MtlsSidecar.Proxy.Authorization;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Enrolment;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Proxy.Tests.Configuration;
using MtlsSidecar.Proxy.Tests.Inbound;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Authorities;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Sources.Est;
using MtlsSidecar.Trust.Validation;
using TrustCrlOptions = MtlsSidecar.Trust.Revocation.Crl.CrlOptions;

namespace MtlsSidecar.Proxy.Tests.Enrolment;

public sealed class IssuersReloadTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly TestDirectory _directory = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<SidecarMetrics>().BuildServiceProvider();
    private readonly CrlStore _crls = new(new TrustCrlOptions(), TimeProvider.System);
    private readonly RevalidationPolicy _policy = new(StaleCutsConnections: false);

    [Fact]
    public async Task AuthorityThatBecomesKnown_MakesItsCrlCountForOpenConnections()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var issuing = _root.CreateIntermediate();
        using var newKey = _root.CreateIntermediate();
        using var certificate = issuing.Issue(new IssueOptions { Uris = ["spiffe://foo.test/web"] });
        var svid = EstSvidSource.Open(new EstState(_directory["state"]));
        var registry = new ConnectionRegistry(_policy);
        var validator = Validator(svid);
        using var revalidation = new ConnectionRevalidation(
            registry,
            validator,
            new AuthorizationState(SampleConfiguration.With().Options!.Authorization),
            _policy,
            (_services.GetRequiredService<SidecarMetrics>(), TimeProvider.System, NullLogger<ConnectionRevalidation>.Instance));
        await revalidation.StartAsync(default);
        using var enrolment = Enrolment(svid, validator);
        _ = new IssuersReload(enrolment, svid, revalidation);
        var peer = await ValidatedPeers.ValidateAsync(_root, certificate);
        registry.TryAdd(new LiveConnection(ConnectionDirection.Inbound, "Inbound", null, (peer, PeerExpectation.AnyClient), (() => closed.TrySetResult(), () => { })), 1);
        _crls.Load("file", new TestCrl { Entries = [TestCrlEntry.For(certificate.Certificate)] }.Sign(newKey)).Should().BeNull();
        var before = await validator.ValidateAsync(peer.Presented, PeerExpectation.AnyClient, default);
        before.Should().BeOfType<PeerValidation.Accepted>("nobody knows yet who signed the CRL");

        svid.Know([Parse(issuing), Parse(newKey)]);

        await closed.Task.WaitAsync(Limit);
        await revalidation.StopAsync(default);
    }

    public void Dispose()
    {
        _crls.Dispose();
        _services.Dispose();
        _directory.Dispose();
        _root.Dispose();
    }

    private static ParsedCertificate Parse(TestAuthority authority)
        => ParsedCertificate.TryParse(authority.Certificate.RawDataMemory, out var parsed, out var error) ? parsed : throw new InvalidOperationException(error);

    private PeerValidator Validator(EstSvidSource svid)
    {
        var revocation = new LocalCertificateValidator(new RevocationPolicy(RevocationMode.Leaf, UnknownStatusPolicy.Accept), [new CrlRevocationSource(_crls)]);
        return new PeerValidator(
            new AnchorSource([Parse(_root)]), new CompositeCertificateValidator([revocation]), Trust.Validation.ValidationOptions.Workload, TimeProvider.System)
        {
            KnownIssuers = () => svid.Issuers,
        };
    }

    /// <summary>Never asked for anything here.</summary>
    private EstEnrolment Enrolment(EstSvidSource svid, PeerValidator validator) => new(
        new EstEnrolmentOptions(new AuthorityEndpoint(new Uri("https://est.test"), PeerExpectation.AnyClient, Limit), _directory["token"], TrustDomain.Parse("foo.test")),
        svid,
        new AnchorSource([Parse(_root)]),
        validator,
        TimeProvider.System);
}
