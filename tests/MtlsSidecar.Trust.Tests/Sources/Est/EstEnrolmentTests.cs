using System.Security.Cryptography;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Authorities;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Sources.Est;
using MtlsSidecar.Trust.Tests.Validation;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Sources.Est;

/// <summary>Enrolment at a server that may be hostile: whatever it sends is checked before it is used.</summary>
public sealed class EstEnrolmentTests : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly TestAuthority _issuing;
    private readonly ScriptedEstServer _server;
    private readonly StubTrust _trust;
    private readonly ManualTimeProvider _clock = new();
    private EstSvidSource _source = null!;
    private EstEnrolment _enrolment = null!;

    public EstEnrolmentTests()
    {
        _issuing = _root.CreateIntermediate();
        _trust = new StubTrust(_root);
        _server = new ScriptedEstServer(_root, _issuing);
        _directory.Write("token", "secret-token\n");
        Open();
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _enrolment.Dispose();
        await _server.DisposeAsync();
        _root.Dispose();
        _issuing.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task FirstCertificate_IsObtainedForTheToken()
    {
        var rotated = 0;
        _source.Rotated += () => rotated++;

        (await _enrolment.RenewAsync(default)).Should().BeNull();

        _source.Current!.SpiffeId.ToString().Should().Be("spiffe://foo.test/web");
        _source.LastError.Should().BeNull();
        rotated.Should().Be(1);
        _server.Http.Requests.Last().Should().StartWith("POST /.well-known/est/simpleenroll ")
            .And.Contain("Authorization: Basic " + Convert.ToBase64String("token:secret-token"u8));
        _server.Http.Clients.Should().AllBeEquivalentTo((string?)null, "there is no certificate to show yet");
    }

    [Fact]
    public async Task EnrolledIdentity_PresentsItsChainWithoutTheRoot()
    {
        await _enrolment.RenewAsync(default);

        var kept = await File.ReadAllTextAsync(StateFile);
        CertificatePemCount(kept).Should().Be(2);
        kept.Should().Contain(_issuing.Certificate.ExportCertificatePem()).And.NotContain(_root.Certificate.ExportCertificatePem());
    }

    [Fact]
    public async Task Renewal_UsesTheOldCertificateTheSameNamesAndANewKey()
    {
        await _enrolment.RenewAsync(default);
        var before = _source.Current!;
        File.Delete(_directory["token"]);

        (await _enrolment.RenewAsync(default)).Should().BeNull();

        _server.Http.Requests.Last().Should().StartWith("POST /.well-known/est/simplereenroll ").And.NotContain("Authorization");
        _server.Http.Clients.Last().Should().Be(before.Certificate.Platform.Subject);
        _server.Requested[1].SubjectName.Name.Should().Be(before.Certificate.Platform.Subject);
        _server.Requested[1].CertificateExtensions.Should().ContainSingle(extension => extension.Oid!.Value == "2.5.29.17");
        _source.Current!.Certificate.SubjectPublicKeyInfo.ToArray().Should().NotEqual(before.Certificate.SubjectPublicKeyInfo.ToArray());
    }

    [Fact]
    public async Task CertificateForAnotherKey_IsRefused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _server.Key = new(other);

        (await _enrolment.RenewAsync(default)).Should().Contain("our key");
        NothingIsKept();
    }

    [Theory]
    [InlineData("spiffe://bar.test/web", "UntrustedAnchor")]
    [InlineData("spiffe://foo.test", "Identity")]
    [InlineData("https://foo.test/web", "Identity")]
    public async Task FirstCertificateOfAnotherDomain_IsRefused(string identity, string reason)
    {
        _server.Options = new IssueOptions { Uris = [identity] };

        (await _enrolment.RenewAsync(default)).Should().Contain(reason);
        NothingIsKept();
    }

    [Fact]
    public async Task FirstCertificateOfAFederatedDomain_IsRefused()
    {
        _trust.Replace(_root, _root);
        _server.Options = new IssueOptions { Uris = ["spiffe://bar.test/web"] };

        (await _enrolment.RenewAsync(default)).Should().Contain("IdentityMismatch");
        NothingIsKept();
    }

    [Fact]
    public async Task FirstCertificateWithoutASpiffeId_IsRefused()
    {
        _server.Options = new IssueOptions { DnsNames = ["web.foo.test"] };

        (await _enrolment.RenewAsync(default)).Should().Contain("IdentityMismatch");
        NothingIsKept();
    }

    [Fact]
    public async Task RenewedCertificateOfAnotherIdentity_IsRefused()
    {
        await _enrolment.RenewAsync(default);
        var before = _source.Current;
        _server.Options = new IssueOptions { Uris = ["spiffe://foo.test/admin"] };

        (await _enrolment.RenewAsync(default)).Should().Contain("IdentityMismatch");

        _source.Current.Should().BeSameAs(before);
        _source.LastError.Should().Contain("IdentityMismatch");
    }

    [Fact]
    public async Task CertificateThatDoesNotLeadToTheBundle_IsRefusedWhateverRootTheServerNames()
    {
        using var stranger = TestAuthority.CreateRoot("Stranger");
        _server.Issuing = stranger;
        _server.Issuers = [stranger.Certificate, _root.Certificate];

        (await _enrolment.RenewAsync(default)).Should().Contain("UntrustedAnchor");
        NothingIsKept();
    }

    [Theory]
    [InlineData(-2, -1, "Expired")]
    [InlineData(1, 2, "NotYetValid")]
    public async Task CertificateOfAnotherTime_IsRefused(int from, int until, string reason)
    {
        _server.Options = _server.Options with { NotBefore = _clock.GetUtcNow().AddHours(from), NotAfter = _clock.GetUtcNow().AddHours(until) };

        (await _enrolment.RenewAsync(default)).Should().Contain(reason);
        NothingIsKept();
    }

    [Fact]
    public async Task AnswerThatIsNoMessage_IsRefused()
    {
        _server.Answer = "garbage"u8.ToArray();

        (await _enrolment.RenewAsync(default)).Should().Contain("certs-only");
        NothingIsKept();
    }

    [Fact]
    public async Task ServerOfAnotherRoot_NeverSeesTheToken()
    {
        using var other = TestAuthority.CreateRoot();
        _trust.Replace(other);

        (await _enrolment.RenewAsync(default)).Should().Contain("refused");

        _server.Http.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task UnansweredRequest_IsRepeatedWithTheSameKey_AlsoAfterARestart()
    {
        _server.Refusal = 503;
        await _enrolment.RenewAsync(default);
        await _enrolment.RenewAsync(default);
        Open();
        _server.Refusal = null;

        (await _enrolment.RenewAsync(default)).Should().BeNull();

        _server.Requested.Select(request => Convert.ToHexString(request.PublicKey.ExportSubjectPublicKeyInfo())).Distinct().Should().ContainSingle();
    }

    [Fact]
    public async Task Restart_BeginsWithWhatIsKept()
    {
        await _enrolment.RenewAsync(default);
        var before = _source.Current!.Certificate.RawData.ToArray();

        Open();

        _source.Current!.Certificate.RawData.ToArray().Should().Equal(before);
        _enrolment.IsDue(_clock.GetUtcNow()).Should().BeFalse();
    }

    [Fact]
    public async Task StateThatCannotBeWritten_CostsNoToken()
    {
        // A directory in the file's place: nothing can be moved over it.
        Directory.CreateDirectory(Path.Combine(_directory["state"], "pending.key"));

        (await _enrolment.RenewAsync(default)).Should().NotBeNull();

        _server.Http.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("two\nlines")]
    [InlineData("umlaut-ü")]
    public async Task FileWithoutAToken_IsAnErrorThatDoesNotQuoteIt(string token)
    {
        _directory.Write("token", token);

        var error = await _enrolment.RenewAsync(default);

        error.Should().Contain("holds no token");
        (token.Length == 0 || !error!.Contains(token, StringComparison.Ordinal)).Should().BeTrue();
        _server.Http.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Renewal_IsDueAtTwoThirdsOfTheLife()
    {
        await _enrolment.RenewAsync(default);
        var life = _source.Current!.Certificate.NotAfter - _clock.GetUtcNow();

        (_enrolment.NextAttempt - _clock.GetUtcNow()).Should().BeGreaterThan(life * 0.6).And.BeLessThan(life * 0.72);
    }

    [Fact]
    public async Task FailedAttempts_AreRepeatedEverMoreSlowly_ButWithinAMinute()
    {
        _server.Refusal = 503;
        var pauses = new List<TimeSpan>();
        for (var attempt = 0; attempt < 12; attempt++)
        {
            await _enrolment.RenewAsync(default);
            pauses.Add(_enrolment.NextAttempt - _clock.GetUtcNow());
        }

        pauses[0].Should().BeGreaterThan(TimeSpan.FromSeconds(0.7)).And.BeLessThan(TimeSpan.FromSeconds(1.3));
        pauses[3].Should().BeGreaterThan(TimeSpan.FromSeconds(6)).And.BeLessThan(TimeSpan.FromSeconds(10));
        pauses[^1].Should().BeGreaterThan(TimeSpan.FromSeconds(45)).And.BeLessThan(TimeSpan.FromSeconds(73));
    }

    [Fact]
    public async Task AnotherTokenFile_IsTriedAtOnce()
    {
        _server.Refusal = 401;
        await _enrolment.RenewAsync(default);
        _enrolment.IsDue(_clock.GetUtcNow()).Should().BeFalse();

        _directory.Write("token", "another-token");

        _enrolment.IsDue(_clock.GetUtcNow()).Should().BeTrue();
    }

    [Fact]
    public async Task ExpiredCertificate_IsReplacedForATokenAndKeepsItsIdentity()
    {
        _server.Options = _server.Options with { NotAfter = _clock.GetUtcNow().AddHours(1) };
        await _enrolment.RenewAsync(default);
        var expired = _source.Current!;
        _clock.SetUtcNow(expired.Certificate.NotAfter.AddMinutes(1));
        _server.Options = _server.Options with { NotAfter = _clock.GetUtcNow().AddHours(1), Uris = ["spiffe://foo.test/admin"] };

        (await _enrolment.RenewAsync(default)).Should().Contain("expired").And.Contain("IdentityMismatch");
        _server.Options = _server.Options with { Uris = ["spiffe://foo.test/web"] };
        (await _enrolment.RenewAsync(default)).Should().BeNull();

        _server.Http.Requests.Last().Should().Contain("simpleenroll");
        _server.Http.Clients.Should().AllBeEquivalentTo((string?)null, "an expired certificate proves nothing");
    }

    [Fact]
    public async Task RevokedCertificate_IsReplacedForANewTokenOnly()
    {
        await _enrolment.RenewAsync(default);
        _server.RefusesRenewals = true;

        // The old token may have uses left; it must not undo the revocation, not even after a restart.
        (await _enrolment.RenewAsync(default)).Should().Contain("403");
        Open();
        (await _enrolment.RenewAsync(default)).Should().Contain("403");
        _server.Http.Requests.Count(request => request.Contains("simpleenroll", StringComparison.Ordinal)).Should().Be(1);

        _directory.Write("token", "another-token");
        _enrolment.IsDue(_clock.GetUtcNow()).Should().BeTrue();
        (await _enrolment.RenewAsync(default)).Should().BeNull();
    }

    [Fact]
    public async Task Issuers_AreKnownButNeverAnchors()
    {
        using var stranger = TestAuthority.CreateRoot("Stranger");
        using var leaf = _root.Issue();
        _server.Issuers = [_root.Certificate, _issuing.Certificate, stranger.Certificate, leaf.Certificate];

        (await _enrolment.RefreshIssuersAsync(default)).Should().BeNull();

        _source.Issuers.Select(issuer => issuer.SubjectText).Should().HaveCount(3).And.NotContain(leaf.Certificate.Subject);
        _trust.Current.Bundles.Own.Anchors.Should().ContainSingle();
    }

    [Fact]
    public async Task IssuersThatChange_AreTold()
    {
        var told = 0;
        _source.IssuersChanged += () => told += _source.Issuers.Count;
        await _enrolment.RefreshIssuersAsync(default);
        told.Should().Be(2);

        await _enrolment.RefreshIssuersAsync(default);

        told.Should().Be(2, "they are the same");
    }

    private string StateFile => Path.Combine(_directory["state"], "identity.pem");

    private static int CertificatePemCount(string pem) => pem.Split("-----BEGIN CERTIFICATE-----").Length - 1;

    private void NothingIsKept()
    {
        _source.Current.Should().BeNull();
        File.Exists(StateFile).Should().BeFalse();
    }

    /// <summary>Opens everything anew, as a restart does.</summary>
    private void Open()
    {
        _enrolment?.Dispose();
        _source = EstSvidSource.Open(new EstState(_directory["state"]));
        _enrolment = new EstEnrolment(
            new EstEnrolmentOptions(
                new AuthorityEndpoint(
                    _server.Url, new PeerExpectation(CertificateUsage.Server, [IdentityPattern.ForHost("localhost")]), TimeSpan.FromSeconds(10)),
                _directory["token"],
                TrustDomain.Parse("foo.test")),
            _source,
            _trust,
            new PeerValidator(_trust, new CompositeCertificateValidator([]), ValidationOptions.Workload, _clock),
            _clock);
    }
}
