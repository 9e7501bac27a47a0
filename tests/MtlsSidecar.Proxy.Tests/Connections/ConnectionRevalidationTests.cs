using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using MtlsSidecar.Proxy.Authorization;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Proxy.Tests.Inbound;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Tests.Connections;

public sealed class ConnectionRevalidationTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<SidecarMetrics>().BuildServiceProvider();
    private readonly ConnectionRegistry _registry = new();

    [Fact]
    public async Task ReviewThatWaitsForAServer_HoldsUpNoOther()
    {
        var slow = new WaitingValidator();
        using var revalidation = Start(slow);
        await OpenAsync("web");
        await OpenAsync("users");

        revalidation.ReviewAll();

        // The second is asked about while the first still waits.
        await slow.Asked.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        await slow.Asked.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        slow.Release.SetResult();
        await revalidation.StopAsync(default);
    }

    [Fact]
    public async Task ConnectionThatIsSeenToBeRevoked_IsReviewedBeforeAllOthers()
    {
        var blocking = new BlockingValidator();
        using var revalidation = Start(blocking);
        for (var number = 0; number < (2 * Environment.ProcessorCount) + 20; number++)
        {
            await OpenAsync($"web-{number}");
        }

        await OpenAsync("revoked");

        revalidation.Review(static _ => true, connection => connection.Peer.Identity.Name.EndsWith("revoked", StringComparison.Ordinal));

        // Nobody's review has ended yet, so those that have begun are the first.
        await Eventually.HoldsAsync(() => blocking.Asked.Any(name => name.EndsWith("revoked", StringComparison.Ordinal)), "it is among the first");
        blocking.Release.Set();
        await revalidation.StopAsync(default);
    }

    [Fact]
    public async Task DefectAtAReview_ClosesTheConnection()
    {
        using var revalidation = Start(new DefectiveValidator());
        await OpenAsync("web");

        revalidation.ReviewAll();

        await Eventually.HoldsAsync(() => _registry.All.Single().IsClosing, "what the defect hides may be anything");
        await revalidation.StopAsync(default);
    }

    public void Dispose()
    {
        _root.Dispose();
        _services.Dispose();
    }

    private ConnectionRevalidation Start(ICertificateValidator validator)
    {
        ParsedCertificate.TryParse(_root.Certificate.RawDataMemory, out var anchor, out _).Should().BeTrue();
        var revalidation = new ConnectionRevalidation(
            _registry,
            new PeerValidator(
                new AnchorSource([anchor!]), new CompositeCertificateValidator([validator]), Trust.Validation.ValidationOptions.Workload, TimeProvider.System),
            new AuthorizationState(new AuthorizationOptions()),
            new RevalidationPolicy(StaleCutsConnections: false),
            (_services.GetRequiredService<SidecarMetrics>(), TimeProvider.System, NullLogger<ConnectionRevalidation>.Instance));
        revalidation.StartAsync(default);
        return revalidation;
    }

    private async Task OpenAsync(string name)
    {
        using var certificate = _root.Issue(new IssueOptions { Uris = [$"spiffe://foo.test/{name}"] });
        var peer = await ValidatedPeers.ValidateAsync(_root, certificate);
        _registry.TryAdd(new LiveConnection(ConnectionDirection.Inbound, "Inbound", null, (peer, PeerExpectation.AnyClient), (() => { }, () => { })), int.MaxValue);
    }

    /// <summary>Keeps its caller's thread until the test lets it go.</summary>
    private sealed class BlockingValidator : ICertificateValidator
    {
        public ConcurrentQueue<string> Asked { get; } = new();

        public ManualResetEventSlim Release { get; } = new();

        public string Name => "Blocking";

        public long Generation => 0;

        public ValueTask<CertificateVerdict> ValidateAsync(CandidatePeer candidate, CancellationToken cancellationToken)
        {
            Asked.Enqueue(candidate.Identity.Name);
            Release.Wait(cancellationToken);
            return new(new CertificateVerdict.Accepted(DateTimeOffset.MaxValue));
        }
    }

    private sealed class DefectiveValidator : ICertificateValidator
    {
        public string Name => "Defective";

        public long Generation => 0;

        public ValueTask<CertificateVerdict> ValidateAsync(CandidatePeer candidate, CancellationToken cancellationToken)
            => throw new InvalidOperationException("defect");
    }

    /// <summary>Answers when the test lets it, whatever the deadline.</summary>
    private sealed class WaitingValidator : ICertificateValidator
    {
        public Channel<PeerIdentity> Asked { get; } = Channel.CreateUnbounded<PeerIdentity>();

        public TaskCompletionSource Release { get; } = new();

        public string Name => "Waiting";

        public long Generation => 0;

        public async ValueTask<CertificateVerdict> ValidateAsync(CandidatePeer candidate, CancellationToken cancellationToken)
        {
            Asked.Writer.TryWrite(candidate.Identity);
            await Release.Task;
            return new CertificateVerdict.Accepted(DateTimeOffset.MaxValue);
        }
    }
}
