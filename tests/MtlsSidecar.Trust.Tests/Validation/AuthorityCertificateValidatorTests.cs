using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Authorities;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Validation;

/// <summary>The validator against a server that does what no proper authority would.</summary>
public sealed class AuthorityCertificateValidatorTests : IDisposable
{
    private static readonly TimeSpan CacheDuration = TimeSpan.FromMinutes(1);

    // Connecting is limited by the machine's clock too, so this is long enough for a busy machine.
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly ManualTimeProvider _clock = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly CandidatePeer _peer;

    public AuthorityCertificateValidatorTests() => _peer = Peer("web");

    [Fact]
    public async Task AcceptedPeer_IsAskedAboutWithItsPathAndOurCertificate()
    {
        await using var server = Start(Accepted);
        using var validator = Validator(server);

        (await validator.ValidateAsync(_peer, default)).Should().BeOfType<CertificateVerdict.Accepted>();

        var request = server.Requests.Should().ContainSingle().Subject;
        request.Should().StartWith("POST /base/v1/validations?usage=client HTTP/1.1").And.Contain("application/pem-certificate-chain");
        _asked.Single().Split("BEGIN CERTIFICATE").Should().HaveCount(_peer.Path.Certificates.Count, "the anchor is not sent, and there is a part before the first");
        server.Clients.Should().Equal("CN=sidecar");
    }

    [Theory]
    [InlineData("Revoked", RejectionReason.AuthorityRejected)]
    [InlineData("UntrustedAnchor", RejectionReason.AuthorityRejected)]
    [InlineData("NeverHeardOf", RejectionReason.AuthorityRejected)]
    [InlineData("ValidatorUnavailable", RejectionReason.ValidatorUnavailable)]
    [InlineData("DeadlineExceeded", RejectionReason.ValidatorUnavailable)]
    public async Task RejectedPeer_IsRefused(string reason, RejectionReason expected)
    {
        await using var server = Start(_ => $$"""{"verdict":"rejected","reason":"{{reason}}","validUntil":"{{_clock.GetUtcNow():O}}"}""");

        (await ReasonAsync(server)).Should().Be(expected);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("""{"verdict":"accepted"}""")]
    public async Task AnswerThatCannotBeRead_Refuses(string answer)
    {
        await using var server = Start(_ => answer);

        (await ReasonAsync(server)).Should().Be(RejectionReason.ValidatorUnavailable);
    }

    [Fact]
    public async Task AnswerBeyondTheLimit_Refuses()
    {
        await using var server = Start(request => Accepted(request) + new string(' ', AuthorityAnswer.MaxLength));

        (await ReasonAsync(server)).Should().Be(RejectionReason.ValidatorUnavailable);
    }

    [Fact]
    public async Task HeadersBeyondTheLimit_Refuse()
    {
        await using var server = ScriptedHttpServer.StartTls(
            request => request.AnswerAsync(Encoding.UTF8.GetBytes(Accepted(request)), $"X-Long: {new string('x', 17 * 1024)}\r\n"), Tls());

        (await ReasonAsync(server)).Should().Be(RejectionReason.ValidatorUnavailable);
    }

    [Fact]
    public async Task CompressedAnswer_IsNotUnpacked()
    {
        await using var server = ScriptedHttpServer.StartTls(
            request => request.AnswerAsync(Gzip.Pack(Encoding.UTF8.GetBytes(Accepted(request))), "Content-Encoding: gzip\r\n"), Tls());

        (await ReasonAsync(server)).Should().Be(RejectionReason.ValidatorUnavailable);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(500)]
    [InlineData(302)]
    [InlineData(201)]
    public async Task OtherStatus_RefusesWhateverItSays(int status)
    {
        await using var server = ScriptedHttpServer.StartTls(
            request => request.SendAsync(Encoding.ASCII.GetBytes(
                $"HTTP/1.1 {status} Status\r\nLocation: /elsewhere\r\nContent-Length: {Accepted(request).Length}\r\nConnection: close\r\n\r\n{Accepted(request)}")),
            Tls());

        (await ReasonAsync(server)).Should().Be(RejectionReason.ValidatorUnavailable);
        server.Requests.Should().ContainSingle("a redirect is not followed");
    }

    [Fact]
    public async Task AnswerThatEndedAlready_Refuses()
    {
        await using var server = Start(_ => Answer(_clock.GetUtcNow()));

        (await ReasonAsync(server)).Should().Be(RejectionReason.ValidatorUnavailable);
    }

    [Fact]
    public async Task SilentServer_IsGivenUpAfterTheTimeout()
    {
        var asked = new TaskCompletionSource();
        await using var server = ScriptedHttpServer.StartTls(
            request =>
            {
                asked.TrySetResult();
                return request.HangAsync();
            },
            Tls());
        using var validator = Validator(server);

        var verdict = validator.ValidateAsync(_peer, default).AsTask();
        await asked.Task.WaitAsync(Eventually.DefaultTimeout);
        _clock.Advance(CallTimeout);

        Reason(await verdict).Should().Be(RejectionReason.DeadlineExceeded);
    }

    [Fact]
    public async Task NobodyThere_Refuses()
    {
        var server = Start(Accepted);
        await server.DisposeAsync();

        (await ReasonAsync(server)).Should().Be(RejectionReason.ValidatorUnavailable);
    }

    [Fact]
    public async Task ServerOfAnotherName_IsNotAsked()
    {
        await using var server = ScriptedHttpServer.StartTls(request => request.AnswerAsync([]), Tls(_root.Issue(new IssueOptions { DnsNames = ["other"] })));

        (await ReasonAsync(server)).Should().Be(RejectionReason.ValidatorUnavailable);
        server.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task ServerOfAnotherRoot_IsNotAsked()
    {
        using var stranger = TestAuthority.CreateRoot();
        await using var server = ScriptedHttpServer.StartTls(request => request.AnswerAsync([]), Tls(stranger.Issue(new IssueOptions { DnsNames = ["localhost"] })));

        (await ReasonAsync(server)).Should().Be(RejectionReason.ValidatorUnavailable);
        server.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task ClientCertificate_IsNoServer()
    {
        var client = _root.Issue(new IssueOptions { DnsNames = ["localhost"], Usages = [IssueOptions.ClientAuthentication] });
        await using var server = ScriptedHttpServer.StartTls(request => request.AnswerAsync([]), Tls(client));

        (await ReasonAsync(server)).Should().Be(RejectionReason.ValidatorUnavailable);
        server.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Acceptance_CountsForTheCacheDurationAtMost()
    {
        await using var server = Start(Accepted);
        using var validator = Validator(server);

        var verdict = await validator.ValidateAsync(_peer, default);
        ((CertificateVerdict.Accepted)verdict).ValidUntil.Should().Be(_clock.GetUtcNow() + CacheDuration);
        _clock.Advance(CacheDuration - TimeSpan.FromTicks(1));
        await validator.ValidateAsync(_peer, default);
        server.Requests.Should().ContainSingle();

        _clock.Advance(TimeSpan.FromTicks(1));
        await validator.ValidateAsync(_peer, default);
        server.Requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task Acceptance_CountsNoLongerThanTheAuthoritySays()
    {
        var end = _clock.GetUtcNow().AddSeconds(10);
        await using var server = Start(_ => Answer(end));
        using var validator = Validator(server);

        ((CertificateVerdict.Accepted)await validator.ValidateAsync(_peer, default)).ValidUntil.Should().Be(end);
    }

    [Fact]
    public async Task Rejection_IsAskedForAgain()
    {
        var answers = new ConcurrentQueue<string>(["""{"verdict":"rejected"}""", Answer(_clock.GetUtcNow().AddHours(1))]);
        await using var server = Start(_ => answers.TryDequeue(out var answer) ? answer : "");
        using var validator = Validator(server);

        Reason(await validator.ValidateAsync(_peer, default)).Should().Be(RejectionReason.AuthorityRejected);
        (await validator.ValidateAsync(_peer, default)).Should().BeOfType<CertificateVerdict.Accepted>();
    }

    [Fact]
    public async Task Acceptance_IsForThatRoleAndThatPathOnly()
    {
        await using var server = Start(Accepted);
        using var validator = Validator(server);

        await validator.ValidateAsync(_peer, default);
        await validator.ValidateAsync(_peer with { Usage = CertificateUsage.Server }, default);
        await validator.ValidateAsync(Peer("users"), default);

        server.Requests.Should().HaveCount(3);
        server.Requests.Last(request => request.Contains("usage=server", StringComparison.Ordinal)).Should().NotBeNull();
    }

    [Fact]
    public async Task ManyAtOnce_AskOnceAndNoneCancelsForTheOthers()
    {
        var release = new TaskCompletionSource();
        var asked = new TaskCompletionSource();
        await using var server = ScriptedHttpServer.StartTls(
            async request =>
            {
                asked.TrySetResult();
                await release.Task;
                await request.AnswerAsync(Encoding.UTF8.GetBytes(Accepted(request)));
            },
            Tls());
        using var validator = Validator(server);
        using var leaving = new CancellationTokenSource();

        var left = validator.ValidateAsync(_peer, leaving.Token).AsTask();
        var others = Enumerable.Range(0, 20).Select(_ => validator.ValidateAsync(_peer, default).AsTask()).ToList();
        await asked.Task.WaitAsync(Eventually.DefaultTimeout);
        await leaving.CancelAsync();
        await FluentActions.Awaiting(() => left).Should().ThrowAsync<OperationCanceledException>();
        release.SetResult();

        (await Task.WhenAll(others)).Should().AllBeOfType<CertificateVerdict.Accepted>();
        server.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task CertificatesBesideThePath_ChangeNothing()
    {
        await using var server = Start(Accepted);
        using var validator = Validator(server);

        for (var handshake = 0; handshake < 5; handshake++)
        {
            using var junk = TestAuthority.CreateRoot($"Junk {handshake}");
            var presented = new PresentedChain(_peer.Presented.Leaf, [.. _peer.Presented.Others, junk.Certificate.RawData]);
            (await validator.ValidateAsync(_peer with { Presented = presented }, default)).Should().BeOfType<CertificateVerdict.Accepted>();
        }

        server.Requests.Should().ContainSingle();
        _asked.Single().Split("BEGIN CERTIFICATE").Should().HaveCount(_peer.Path.Certificates.Count);
    }

    [Fact]
    public async Task PeerWithManyCertificates_IsRefusedBeyondItsShareOfQuestions()
    {
        await using var server = ScriptedHttpServer.StartTls(request => request.HangAsync(), Tls());
        using var validator = Validator(server);
        var share = Enumerable.Range(0, 64).Select(replica => validator.ValidateAsync(Peer("web"), default).AsTask()).ToList();

        Reason(await validator.ValidateAsync(Peer("web"), default).AsTask().WaitAsync(Eventually.DefaultTimeout)).Should().Be(RejectionReason.ValidatorUnavailable);
        share.Should().AllSatisfy(asked => asked.IsCompleted.Should().BeFalse());
    }

    public void Dispose() => _root.Dispose();

    private static RejectionReason Reason(CertificateVerdict verdict) => verdict.Should().BeOfType<CertificateVerdict.Rejected>().Subject.Rejection.Reason;

    private static string Answer(DateTimeOffset validUntil) => $$"""{"verdict":"accepted","reason":null,"validUntil":"{{validUntil:O}}"}""";

    private string Accepted(ScriptedRequest request) => Answer(_clock.GetUtcNow().AddHours(1));

    private async Task<RejectionReason> ReasonAsync(ScriptedHttpServer server)
    {
        using var validator = Validator(server);
        return Reason(await validator.ValidateAsync(_peer, default));
    }

    private ScriptedHttpServer Start(Func<ScriptedRequest, string> answer) => ScriptedHttpServer.StartTls(
        request =>
        {
            _asked.Enqueue(Encoding.ASCII.GetString(request.Body));
            return request.AnswerAsync(Encoding.UTF8.GetBytes(answer(request)));
        },
        Tls());

    private SslServerAuthenticationOptions Tls(TestCertificate? certificate = null)
    {
        certificate ??= _root.Issue(new IssueOptions { DnsNames = ["localhost"] });
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate.WithKey(), null, offline: true),
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        };
    }

    private AuthorityCertificateValidator Validator(ScriptedHttpServer server)
    {
        var own = _root.Issue(new IssueOptions { Subject = "CN=sidecar", Uris = ["spiffe://foo.test/sidecar"] });
        return new AuthorityCertificateValidator(
            new AuthorityValidationOptions(
                new AuthorityEndpoint(
                    new Uri($"https://localhost:{server.Endpoint.Port}/base/"),
                    new PeerExpectation(CertificateUsage.Server, [IdentityPattern.ForHost("localhost")]),
                    CallTimeout),
                CacheDuration),
            new PeerValidator(new StubTrust(_root), new CompositeCertificateValidator([]), ValidationOptions.Workload, _clock),
            new StubSvid(X509Svid.FromPem(own.CertificatePem, own.KeyPem)),
            _clock);
    }

    private CandidatePeer Peer(string name)
    {
        using var issuing = _root.CreateIntermediate();
        return CandidateCase.Create(issuing.Issue(new IssueOptions { Uris = [$"spiffe://foo.test/{name}"] }), _root);
    }
}
