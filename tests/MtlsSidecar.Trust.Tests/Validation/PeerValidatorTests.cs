using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Tests.Paths;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Validation;

public sealed class PeerValidatorTests : IDisposable
{
    private const string Web = "spiffe://foo.test/web";
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly TestAuthority _foreign = TestAuthority.CreateRoot("Foreign Root");
    private readonly TestAuthority _issuing;
    private readonly StubTrust _trust;
    private readonly StubValidator _inner = new();
    private readonly ManualTimeProvider _time = new();
    private readonly PeerValidator _validator;

    public PeerValidatorTests()
    {
        _issuing = _root.CreateIntermediate("Issuing");
        _trust = new StubTrust(_root, _foreign);
        _validator = Create(_inner);
    }

    [Fact]
    public async Task GoodPeer_IsAcceptedWithItsIdentityAndPath()
    {
        using var leaf = _issuing.Issue(new IssueOptions { Uris = [Web], DnsNames = ["web.foo.test"] });

        var peer = (await AcceptAsync(leaf)).Peer;

        peer.Identity.Name.Should().Be(Web);
        peer.Identity.DnsNames.Should().Equal("web.foo.test");
        peer.Path.Certificates.Should().HaveCount(3);
        peer.ValidUntil.Should().Be(new DateTimeOffset(leaf.Certificate.NotAfter));
    }

    [Fact]
    public async Task GarbageLeaf_IsMalformed()
        => Reason(await _validator.ValidateAsync(new PresentedChain(new byte[] { 1, 2, 3 }, []), PeerExpectation.AnyClient, default)).Should().Be(RejectionReason.Malformed);

    [Fact]
    public async Task GarbageBesideTheLeaf_IsLeftOut()
    {
        using var leaf = _issuing.Issue(new IssueOptions { Uris = [Web] });
        var presented = new PresentedChain(leaf.Certificate.RawData, [new byte[] { 0x30 }, _issuing.Certificate.RawData]);

        (await _validator.ValidateAsync(presented, PeerExpectation.AnyClient, default)).Should().BeOfType<PeerValidation.Accepted>();
    }

    [Fact]
    public async Task SpiffeIdOfTheOwnTrustDomain_UnderAFederatedRoot_IsUntrusted()
    {
        using var leaf = _foreign.Issue(new IssueOptions { Uris = [Web] });

        Reason(await JudgeAsync(leaf)).Should().Be(RejectionReason.UntrustedAnchor);
    }

    [Fact]
    public async Task SpiffeIdOfAStrangersTrustDomain_IsUntrustedWhoeverIssuedIt()
    {
        using var leaf = _root.Issue(new IssueOptions { Uris = ["spiffe://stranger.test/web"] });

        Reason(await JudgeAsync(leaf)).Should().Be(RejectionReason.UntrustedAnchor);
    }

    [Fact]
    public async Task FederatedPeer_MayNotSpeakForHostNames()
    {
        using var leaf = _foreign.Issue(new IssueOptions { Uris = ["spiffe://bar.test/web"], DnsNames = ["web.foo.test"] });

        var identity = (await AcceptAsync(leaf)).Peer.Identity;

        identity.DnsNames.Should().BeEmpty();
        identity.SpiffeId.ToString().Should().Be("spiffe://bar.test/web");
    }

    [Fact]
    public async Task DnsNamesUnderAFederatedRoot_AreUntrusted()
    {
        using var leaf = _foreign.Issue(new IssueOptions { DnsNames = ["web.foo.test"] });

        Reason(await JudgeAsync(leaf)).Should().Be(RejectionReason.UntrustedAnchor);
    }

    [Fact]
    public async Task AnotherPeerThanExpected_IsAMismatchThoughTheVerdictIsRemembered()
    {
        using var leaf = _root.Issue(new IssueOptions { Uris = [Web] });
        await AcceptAsync(leaf);

        var verdict = await _validator.ValidateAsync(Present(leaf), Expect("spiffe://foo.test/users"), default);

        Reason(verdict).Should().Be(RejectionReason.IdentityMismatch);
        (await _validator.ValidateAsync(Present(leaf), Expect(Web), default)).Should().BeOfType<PeerValidation.Accepted>();
    }

    [Fact]
    public async Task SecondValidation_AsksNoValidatorAgain()
    {
        using var leaf = _root.Issue(new IssueOptions { Uris = [Web] });

        var first = await JudgeAsync(leaf);
        var second = await JudgeAsync(leaf);

        second.Should().BeSameAs(first);
        _inner.Calls.Should().Be(1);
    }

    [Fact]
    public async Task OtherUsage_IsJudgedAnew()
    {
        using var leaf = _root.Issue(new IssueOptions { Uris = [Web], Usages = [IssueOptions.ClientAuthentication] });
        await AcceptAsync(leaf);

        Reason(await _validator.ValidateAsync(Present(leaf), new PeerExpectation(CertificateUsage.Server, []), default)).Should().Be(RejectionReason.WrongKeyUsage);
    }

    [Fact]
    public async Task OtherPresentedChain_IsJudgedAnew()
    {
        using var leaf = _issuing.Issue(new IssueOptions { Uris = [Web] });
        await AcceptAsync(leaf);

        var without = new PresentedChain(leaf.Certificate.RawData, []);

        Reason(await _validator.ValidateAsync(without, PeerExpectation.AnyClient, default)).Should().Be(RejectionReason.UntrustedAnchor);
    }

    [Fact]
    public async Task ChangedTrust_IsJudgedAnew()
    {
        using var leaf = _root.Issue(new IssueOptions { Uris = [Web] });
        await AcceptAsync(leaf);

        _trust.Replace(_foreign);

        Reason(await JudgeAsync(leaf)).Should().Be(RejectionReason.UntrustedAnchor);
    }

    [Fact]
    public async Task ChangedValidator_IsAskedAnew()
    {
        using var leaf = _root.Issue(new IssueOptions { Uris = [Web] });
        await AcceptAsync(leaf);

        _inner.Generation++;
        await AcceptAsync(leaf);

        _inner.Calls.Should().Be(2);
    }

    [Fact]
    public async Task RememberedVerdict_EndsWithTheLeaf()
    {
        using var leaf = _root.Issue(new IssueOptions { Uris = [Web], NotAfter = DateTimeOffset.UtcNow.AddHours(1) });
        await AcceptAsync(leaf);

        _time.Advance(TimeSpan.FromHours(2));

        Reason(await JudgeAsync(leaf)).Should().Be(RejectionReason.Expired);
    }

    [Fact]
    public async Task RememberedVerdict_EndsWithTheValidatorsWord()
    {
        var limited = new StubValidator(candidate => new CertificateVerdict.Accepted(candidate.At.AddMinutes(5)));
        var validator = Create(limited);
        using var leaf = _root.Issue(new IssueOptions { Uris = [Web] });
        await validator.ValidateAsync(Present(leaf), PeerExpectation.AnyClient, default);

        _time.Advance(TimeSpan.FromMinutes(4));
        await validator.ValidateAsync(Present(leaf), PeerExpectation.AnyClient, default);
        limited.Calls.Should().Be(1);

        _time.Advance(TimeSpan.FromMinutes(2));
        await validator.ValidateAsync(Present(leaf), PeerExpectation.AnyClient, default);
        limited.Calls.Should().Be(2);
    }

    [Theory]
    [InlineData(RejectionReason.RevocationUnknown)]
    [InlineData(RejectionReason.ValidatorUnavailable)]
    [InlineData(RejectionReason.Revoked)]
    public async Task Refusal_IsNeverRemembered(RejectionReason reason)
    {
        var answer = StubValidator.Reject(reason);
        var validator = Create(new StubValidator(_ => answer));
        using var leaf = _root.Issue(new IssueOptions { Uris = [Web] });
        Reason(await validator.ValidateAsync(Present(leaf), PeerExpectation.AnyClient, default)).Should().Be(reason);

        answer = new CertificateVerdict.Accepted(DateTimeOffset.MaxValue);

        (await validator.ValidateAsync(Present(leaf), PeerExpectation.AnyClient, default)).Should().BeOfType<PeerValidation.Accepted>();
    }

    [Fact]
    public async Task WordThatHoldsOnlyNow_IsNotRemembered()
    {
        var momentary = new StubValidator(candidate => new CertificateVerdict.Accepted(candidate.At));
        var validator = Create(momentary);
        using var leaf = _root.Issue(new IssueOptions { Uris = [Web] });

        await validator.ValidateAsync(Present(leaf), PeerExpectation.AnyClient, default);
        await validator.ValidateAsync(Present(leaf), PeerExpectation.AnyClient, default);

        momentary.Calls.Should().Be(2);
    }

    [Fact]
    public async Task PathRefusedByAValidator_GivesWayToItsTwin()
    {
        using var other = TestAuthority.CreateRoot("Other Root");
        using var cross = other.CrossSign(_issuing);
        using var leaf = _issuing.Issue(new IssueOptions { Uris = [Web] });
        var anchors = new AnchorSource([SearchCase.Parse(_root.Certificate), SearchCase.Parse(other.Certificate)]);
        var refused = new List<string>();
        var validator = new PeerValidator(
            anchors,
            new StubValidator(candidate =>
            {
                refused.Add(candidate.Path.Anchor.SubjectText);
                return refused.Count == 1 ? StubValidator.Reject(RejectionReason.Revoked) : new CertificateVerdict.Accepted(DateTimeOffset.MaxValue);
            }),
            ValidationOptions.Workload,
            _time);

        var verdict = await validator.ValidateAsync(new PresentedChain(leaf.Certificate.RawData, [_issuing.Certificate.RawData, cross.RawData]), PeerExpectation.AnyClient, default);

        verdict.Should().BeOfType<PeerValidation.Accepted>();
        refused.Should().HaveCount(2).And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task PathsRefusedByAValidator_GiveWayToTheSeventh()
    {
        var ways = Enumerable.Range(0, 8).Select(_ => _root.CrossSign(_issuing)).ToList();
        using var leaf = _issuing.Issue(new IssueOptions { Uris = [Web] });
        var asked = 0;
        var validator = Create(new StubValidator(_ => ++asked < 7 ? StubValidator.Reject(RejectionReason.Revoked) : new CertificateVerdict.Accepted(DateTimeOffset.MaxValue)));

        var presented = new PresentedChain(leaf.Certificate.RawData, [.. ways.Select(way => new ReadOnlyMemory<byte>(way.RawData))]);

        (await validator.ValidateAsync(presented, PeerExpectation.AnyClient, default)).Should().BeOfType<PeerValidation.Accepted>();
    }

    [Fact]
    public async Task PassedDeadline_IsARefusalOfItsOwn()
    {
        using var leaf = _root.Issue(new IssueOptions { Uris = [Web] });
        using var passed = new CancellationTokenSource();
        await passed.CancelAsync();

        Reason(await _validator.ValidateAsync(Present(leaf), PeerExpectation.AnyClient, passed.Token)).Should().Be(RejectionReason.DeadlineExceeded);
    }

    [Fact]
    public async Task ValidatorThatThrows_RefusesThePeer()
    {
        var validator = Create(new StubValidator(_ => throw new InvalidOperationException("defect")));
        using var leaf = _root.Issue(new IssueOptions { Uris = [Web] });

        Reason(await validator.ValidateAsync(Present(leaf), PeerExpectation.AnyClient, default)).Should().Be(RejectionReason.ValidatorUnavailable);
    }

    [Fact]
    public async Task IntermediateThatThePeerLeftOut_IsFoundAmongTheKnownIssuers()
    {
        using var leaf = _issuing.Issue(new IssueOptions { Uris = [Web] });
        var alone = new PresentedChain(leaf.Certificate.RawData, []);

        Reason(await _validator.ValidateAsync(alone, PeerExpectation.AnyClient, default)).Should().Be(RejectionReason.UntrustedAnchor);
        (await Knowing(_issuing.Certificate).ValidateAsync(alone, PeerExpectation.AnyClient, default)).Should().BeOfType<PeerValidation.Accepted>();
    }

    [Fact]
    public async Task RememberedVerdict_EndsWithTheIssuerThatIsNoLongerKnown()
    {
        using var leaf = _issuing.Issue(new IssueOptions { Uris = [Web] });
        var alone = new PresentedChain(leaf.Certificate.RawData, []);
        IReadOnlyList<ParsedCertificate> known = [SearchCase.Parse(_issuing.Certificate)];
        var validator = new PeerValidator(_trust, _inner, ValidationOptions.Workload, _time) { KnownIssuers = () => known };
        (await validator.ValidateAsync(alone, PeerExpectation.AnyClient, default)).Should().BeOfType<PeerValidation.Accepted>();
        await validator.ValidateAsync(alone, PeerExpectation.AnyClient, default);
        _inner.Calls.Should().Be(1, "the same list is the same verdict");

        known = [];

        Reason(await validator.ValidateAsync(alone, PeerExpectation.AnyClient, default)).Should().Be(RejectionReason.UntrustedAnchor);
    }

    [Fact]
    public async Task KnownIssuer_IsNoAnchor()
    {
        using var stranger = TestAuthority.CreateRoot("Stranger");
        using var leaf = stranger.Issue(new IssueOptions { Uris = [Web] });
        var alone = new PresentedChain(leaf.Certificate.RawData, []);

        Reason(await Knowing(stranger.Certificate).ValidateAsync(alone, PeerExpectation.AnyClient, default)).Should().Be(RejectionReason.UntrustedAnchor);
    }

    [Fact]
    public async Task Rfc5280Profile_NeedsNeitherIdentityNorLeafRules()
    {
        using var authority = _root.CreateIntermediate("Judged as a leaf");
        var presented = new PresentedChain(authority.Certificate.RawData, []);
        var rfc = new PeerValidator(new AnchorSource([SearchCase.Parse(_root.Certificate)]), _inner, ValidationOptions.Rfc5280, _time);

        Reason(await _validator.ValidateAsync(presented, PeerExpectation.AnyClient, default)).Should().Be(RejectionReason.AuthorityAsLeaf);
        (await rfc.ValidateAsync(presented, new PeerExpectation(CertificateUsage.Any, []), default)).Should().BeOfType<PeerValidation.Accepted>();
    }

    [Fact]
    public async Task AnchorsForAnyTrustDomain_AcceptASpiffeIdOfWhateverDomain()
    {
        using var leaf = _root.Issue(new IssueOptions { Uris = ["spiffe://stranger.test/web"] });
        var validator = new PeerValidator(new AnchorSource([SearchCase.Parse(_root.Certificate)]), _inner, ValidationOptions.Workload, _time);

        (await validator.ValidateAsync(Present(leaf), Expect("spiffe://stranger.test/web"), default)).Should().BeOfType<PeerValidation.Accepted>();
    }

    public void Dispose()
    {
        _root.Dispose();
        _foreign.Dispose();
        _issuing.Dispose();
    }

    private static PeerExpectation Expect(string pattern) => new(CertificateUsage.Client, [IdentityPattern.Parse(pattern)]);

    private static PresentedChain Present(TestCertificate leaf) => PresentedChain.From(leaf.Certificate, leaf.Intermediates);

    private static RejectionReason? Reason(PeerValidation verdict) => (verdict as PeerValidation.Rejected)?.Rejection.Reason;

    private PeerValidator Knowing(System.Security.Cryptography.X509Certificates.X509Certificate2 issuer)
        => new(_trust, _inner, ValidationOptions.Workload, _time) { KnownIssuers = () => [SearchCase.Parse(issuer)] };

    private PeerValidator Create(ICertificateValidator inner) => new(_trust, inner, ValidationOptions.Workload, _time);

    private async Task<PeerValidation> JudgeAsync(TestCertificate leaf) => await _validator.ValidateAsync(Present(leaf), PeerExpectation.AnyClient, default);

    private async Task<PeerValidation.Accepted> AcceptAsync(TestCertificate leaf)
    {
        var verdict = await JudgeAsync(leaf);
        verdict.Should().BeOfType<PeerValidation.Accepted>(verdict.ToString());
        return (PeerValidation.Accepted)verdict;
    }
}
