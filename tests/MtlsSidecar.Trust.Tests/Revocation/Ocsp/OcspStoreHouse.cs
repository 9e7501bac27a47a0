using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Fetching;
using MtlsSidecar.Trust.Revocation.Ocsp;
using MtlsSidecar.Trust.Tests.Revocation.Crl;

namespace MtlsSidecar.Trust.Tests.Revocation.Ocsp;

/// <summary>An authority, a clock that stands still, a responder that says what a test wants, and the store as the daemon puts it together.</summary>
public abstract class OcspStoreHouse : IAsyncLifetime
{
    private readonly List<IDisposable> _owned = [];

    private protected ManualTimeProvider Clock { get; } = new();

    protected TestAuthority Root { get; } = TestAuthority.CreateRoot();

    private protected SeenOcspEvents Observer { get; } = new();

    protected ScriptedHttpServer Server { get; private set; } = null!;

    private protected OcspStore Store { get; private set; } = null!;

    /// <summary>What the responder says of every certificate.</summary>
    private protected TestOcspStatus Says { get; set; }

    /// <summary>How long its answers count.</summary>
    private protected TimeSpan Validity { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Replaces the responder's whole behaviour.</summary>
    private protected Func<ScriptedRequest, Task>? Script { get; set; }

    /// <summary>The certificate that the responder answers for.</summary>
    private protected TestCertificate Leaf { get; set; } = null!;

    public Task InitializeAsync()
    {
        Server = ScriptedHttpServer.Start(request => Script is { } script ? script(request) : request.AnswerAsync(Answer(Leaf)));
        Leaf = Issue();
        Use(new OcspFetchOptions());
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        Store.Dispose();
        await Server.DisposeAsync();
        _owned.ForEach(owned => owned.Dispose());
        Root.Dispose();
    }

    /// <summary>Starts anew with these options.</summary>
    private protected void Use(OcspFetchOptions options, FetchOptions? guard = null)
    {
        Store?.Dispose();
        Store = new OcspStore(options, new OcspOptions(), guard ?? new FetchOptions(), Clock, Observer);
    }

    /// <summary>Issues a certificate that names this responder, the test's own by default.</summary>
    protected TestCertificate Issue(params string[] urls)
    {
        var certificate = Root.Issue(new IssueOptions
        {
            Configure = request => request.CertificateExtensions.Add(
                new X509AuthorityInformationAccessExtension(urls.Length > 0 ? urls : [Server.Url("/ocsp")], [], critical: false)),
        });
        _owned.Add(certificate);
        return certificate;
    }

    /// <summary>What the responder answers about a certificate at this moment.</summary>
    private protected byte[] Answer(TestCertificate certificate, TimeSpan age = default) => Entry(certificate, age).Sign(Root);

    private protected TestOcspResponse Entry(TestCertificate certificate, TimeSpan age = default) => new()
    {
        Entries =
        [
            new TestOcspEntry(certificate.Certificate, Root.Certificate)
            {
                Status = Says,
                ThisUpdate = Clock.GetUtcNow() - age,
                NextUpdate = Clock.GetUtcNow() - age + Validity,
            },
        ],
    };

    private protected Task<RevocationAnswer> CheckAsync(TestCertificate? certificate = null, CancellationToken cancellationToken = default)
        => new OcspRevocationSource(Store).CheckAsync(QuestionAbout(certificate ?? Leaf), cancellationToken).AsTask();

    private protected async Task<RevocationStatus> StatusAsync(TestCertificate? certificate = null) => (await CheckAsync(certificate)).Status;

    private protected RevocationQuestion QuestionAbout(TestCertificate certificate)
        => CrlQuestions.About(certificate.Certificate, Root) with { At = Clock.GetUtcNow() };
}
