using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Paths;

public sealed class PathSearchTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly TestAuthority _issuing;

    public PathSearchTests() => _issuing = _root.CreateIntermediate("Issuing");

    [Fact]
    public void LeafUnderIntermediate_IsFoundWithItsWholePath()
    {
        using var leaf = _issuing.Issue();

        var (path, _) = SearchCase.For(leaf, _root).Run();

        Subjects(path).Should().Equal("CN=workload", "CN=Issuing", "CN=Test Root");
        path!.NotAfter.Should().Be(new DateTimeOffset(leaf.Certificate.NotAfter));
    }

    [Fact]
    public void LeafDirectlyUnderRoot_NeedsNoIntermediate()
    {
        using var leaf = _root.Issue();

        SearchCase.For(leaf, _root).Run().Path!.Certificates.Should().HaveCount(2);
    }

    [Fact]
    public void MissingIntermediate_IsUntrusted()
    {
        using var leaf = _issuing.Issue();

        var (path, search) = (SearchCase.For(leaf, _root) with { Untrusted = [] }).Run();

        path.Should().BeNull();
        search.Rejection.Reason.Should().Be(RejectionReason.UntrustedAnchor);
        search.Rejection.Detail.Should().Contain("CN=Issuing");
        search.Rejection.Certificate.Should().Be("CN=workload");
    }

    [Fact]
    public void IntermediatesInAnyOrderAmongStrangers_AreSortedOut()
    {
        var lower = _issuing.CreateIntermediate("Lower");
        using var stranger = TestAuthority.CreateRoot("Stranger");
        using var leaf = lower.Issue();

        var (path, _) = (SearchCase.For(leaf, _root) with { Untrusted = [stranger.Certificate, _issuing.Certificate, _root.Certificate, lower.Certificate] }).Run();

        Subjects(path).Should().Equal("CN=workload", "CN=Lower", "CN=Issuing", "CN=Test Root");
    }

    [Fact]
    public void BadTwinOfTheIssuer_IsPassedOver()
    {
        using var twin = _root.CreateIntermediate("Issuing");
        using var leaf = _issuing.Issue();

        var (path, _) = (SearchCase.For(leaf, _root) with { Untrusted = [twin.Certificate, _issuing.Certificate] }).Run();

        path!.Certificates[1].RawData.ToArray().Should().Equal(_issuing.Certificate.RawData);
    }

    [Fact]
    public void ExpiredTwinOfTheIssuer_IsPassedOver()
    {
        using var expired = _root.CrossSign(_issuing, new IssueOptions { NotBefore = DateTimeOffset.UtcNow.AddHours(-2), NotAfter = DateTimeOffset.UtcNow.AddHours(-1) });
        using var leaf = _issuing.Issue();

        (SearchCase.For(leaf, _root) with { Untrusted = [expired, _issuing.Certificate] }).Run().Path.Should().NotBeNull();
    }

    [Fact]
    public void CrossCertificateOfAnUnknownRoot_LeadsBackToTheKnownOne()
    {
        using var unknown = TestAuthority.CreateRoot("Unknown Root");
        using var fromUnknown = unknown.CrossSign(_issuing);
        using var leaf = _issuing.Issue();

        var (path, _) = (SearchCase.For(leaf, _root) with { Untrusted = [fromUnknown, unknown.Certificate, _issuing.Certificate] }).Run();

        Subjects(path).Should().Equal("CN=workload", "CN=Issuing", "CN=Test Root");
    }

    [Fact]
    public void SeveralPaths_AreGivenOneAfterTheOther()
    {
        using var bridge = TestAuthority.CreateRoot("Bridge Root");
        using var fromBridge = bridge.CrossSign(_issuing);
        using var leaf = _issuing.Issue();
        var search = (SearchCase.For(leaf, _root) with { Untrusted = [fromBridge, _issuing.Certificate], Anchors = [_root.Certificate, bridge.Certificate] }).Start();

        var found = new List<string>();
        while (search.TryNext(out var path))
        {
            found.Add(path.Anchor.SubjectText);
        }

        found.Should().BeEquivalentTo("CN=Test Root", "CN=Bridge Root");
    }

    [Fact]
    public void AnchorThatIsNotSelfSigned_EndsThePath()
    {
        using var leaf = _issuing.Issue();

        var (path, search) = (SearchCase.For(leaf, _issuing) with { Untrusted = [] }).Run();

        path.Should().NotBeNull(search.Rejection.Detail);
        Subjects(path).Should().Equal("CN=workload", "CN=Issuing");
    }

    [Fact]
    public void LeafThatIsItselfAnAnchor_IsItsOwnPath()
    {
        using var leaf = _issuing.Issue();

        var (path, search) = (SearchCase.For(leaf, _root) with { Untrusted = [], Anchors = [leaf.Certificate] }).Run();

        path.Should().NotBeNull(search.Rejection.Detail);
        path!.Certificates.Should().HaveCount(1);
    }

    [Fact]
    public void RenewedRootWithItsKeyKept_StillIssuesForTheOldAnchor()
    {
        using var renewed = _root.CrossSign(_root);
        using var leaf = _issuing.Issue();

        (SearchCase.For(leaf, _root) with { Untrusted = [_issuing.Certificate], Anchors = [renewed] }).Run().Path.Should().NotBeNull();
    }

    [Fact]
    public void CrossCertificatesInACircle_EndInARefusal()
    {
        using var a = TestAuthority.CreateRoot("A");
        using var b = TestAuthority.CreateRoot("B");
        using var aByB = b.CrossSign(a);
        using var bByA = a.CrossSign(b);
        using var leaf = a.Issue();

        var (path, search) = (SearchCase.For(leaf, _root) with { Untrusted = [aByB, bByA] }).Run();

        path.Should().BeNull();
        search.Rejection.Reason.Should().Be(RejectionReason.UntrustedAnchor);
    }

    [Fact]
    public void ManyIssuersOfTheRightName_EndAfterAFewFailedSignatureChecks()
    {
        // Trusted authorities, each of the name that the leaf asks for and none with its key: every one costs a signature check.
        using var stranger = TestAuthority.CreateRoot("Maze");
        using var leaf = stranger.Issue();
        var crowd = Enumerable.Range(0, SearchBounds.MaxFailedChecks + 2).Select(_ => _root.CrossSign(TestAuthority.CreateRoot("Maze"))).ToList();

        var (path, search) = (SearchCase.For(leaf, _root) with { Untrusted = crowd }).Run();

        path.Should().BeNull();
        search.Rejection.Reason.Should().Be(RejectionReason.PathTooLong);
        search.Rejection.Detail.Should().Contain("signatures that are not by");
    }

    [Fact]
    public void ManyIssuersAboveWhichNoAnchorStands_CostNoSignatureCheck()
    {
        using var stranger = TestAuthority.CreateRoot("Maze");
        using var unknown = TestAuthority.CreateRoot("Unknown Root");
        using var leaf = stranger.Issue();
        var crowd = Enumerable.Range(0, SearchBounds.MaxFailedChecks + 2).Select(_ => unknown.CrossSign(TestAuthority.CreateRoot("Maze"))).ToList();

        var (path, search) = (SearchCase.For(leaf, _root) with { Untrusted = [.. crowd, unknown.Certificate] }).Run();

        path.Should().BeNull();
        search.Rejection.Reason.Should().Be(RejectionReason.UntrustedAnchor);
    }

    [Fact]
    public void HostileMazeOfTwins_EndsAfterABoundedNumberOfTries()
    {
        // Everybody under one name certifies everybody else: the number of ways grows exponentially with the levels. Which bound ends it,
        // that of failed signatures or that of steps, depends on the order of the keys, and these are drawn by lot.
        var authorities = Enumerable.Range(0, 7).Select(_ => TestAuthority.CreateRoot("Maze")).ToList();
        var maze = authorities.SelectMany(issuer => authorities.Where(subject => subject != issuer).Select(subject => issuer.CrossSign(subject))).ToList();
        maze.Add(ForgedWayOut(authorities[^1]));
        using var leaf = authorities[0].Issue();

        var (path, search) = (SearchCase.For(leaf, _root) with { Untrusted = maze }).Run();

        path.Should().BeNull();
        search.Rejection.Reason.Should().Be(RejectionReason.PathTooLong);
        search.Rejection.Detail.Should().ContainAny("signatures that are not by", "combinations");
    }

    [Fact]
    public void HostileMazeWithoutNewSignatures_EndsAfterABoundedNumberOfSteps()
    {
        // Every authority certified by each other one: few pairs to verify, thousands of orders to try.
        var authorities = Enumerable.Range(0, 7).Select(i => TestAuthority.CreateRoot($"Maze {i}")).ToList();
        var maze = authorities.SelectMany(issuer => authorities.Where(subject => subject != issuer).Select(subject => issuer.CrossSign(subject))).ToList();
        maze.Add(ForgedWayOut(authorities[^1]));
        using var leaf = authorities[0].Issue();

        var (path, search) = (SearchCase.For(leaf, _root) with { Untrusted = maze }).Run();

        path.Should().BeNull();
        search.Rejection.Reason.Should().Be(RejectionReason.PathTooLong);
        search.Rejection.Detail.Should().Contain("combinations");
    }

    [Fact]
    public void ManyWholePathsThatAllFail_EndAfterABoundedNumber()
    {
        // Twenty certificates of one authority reach the anchor, and each path fails only when it is whole: by its missing policy.
        var twins = Enumerable.Range(0, 20).Select(_ => _root.CrossSign(_issuing)).ToList();
        using var leaf = _issuing.Issue();

        var (path, search) = (SearchCase.For(leaf, _root) with { Untrusted = twins, Options = PathOptions.Workload with { RequireExplicitPolicy = true } }).Run();

        path.Should().BeNull();
        search.Rejection.Reason.Should().Be(RejectionReason.PathTooLong);
        search.Rejection.Detail.Should().Contain("paths to an anchor");
    }

    [Fact]
    public void IntermediatesBeyondTheDepth_ArePathTooLong()
    {
        var lower = _issuing.CreateIntermediate("Lower");
        using var leaf = lower.Issue();
        var search = SearchCase.For(leaf, _root);

        (search with { Options = PathOptions.Workload with { MaxDepth = 2 } }).Run().Path.Should().NotBeNull();
        (search with { Options = PathOptions.Workload with { MaxDepth = 1 } }).Run().Search.Rejection.Reason.Should().Be(RejectionReason.PathTooLong);
    }

    [Fact]
    public void ForeignAuthorityOfTheSameName_IsBadSignature()
    {
        using var impostor = TestAuthority.CreateRoot();
        using var leaf = impostor.Issue();

        var (path, search) = SearchCase.For(leaf, _root).Run();

        path.Should().BeNull();
        search.Rejection.Reason.Should().Be(RejectionReason.BadSignature);
        search.Rejection.Rule.Should().Be("RFC 5280 §6.1.3(a)(1)");
    }

    [Fact]
    public void SelfSignedStranger_IsUntrusted()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var leaf = new CertificateRequest("CN=stranger", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

        var (path, search) = new SearchCase { Leaf = leaf, Anchors = [_root.Certificate] }.Run();

        path.Should().BeNull();
        search.Rejection.Reason.Should().Be(RejectionReason.UntrustedAnchor);
        search.Rejection.Detail.Should().Contain("self-signed");
    }

    [Fact]
    public void ExpiredLeafOfAnUnknownIssuer_IsExpired()
    {
        using var stranger = TestAuthority.CreateRoot("Stranger");
        using var leaf = stranger.Issue(new IssueOptions { NotBefore = DateTimeOffset.UtcNow.AddHours(-2), NotAfter = DateTimeOffset.UtcNow.AddHours(-1) });

        SearchCase.For(leaf, _root).Run().Search.Rejection.Reason.Should().Be(RejectionReason.Expired);
    }

    [Fact]
    public void ExpiredIntermediateBesideOneThatLeadsNowhere_IsExpired()
    {
        using var unknown = TestAuthority.CreateRoot("Unknown Root");
        using var toNowhere = unknown.CrossSign(_issuing);
        using var expired = _root.CrossSign(_issuing, new IssueOptions { NotBefore = DateTimeOffset.UtcNow.AddHours(-2), NotAfter = DateTimeOffset.UtcNow.AddHours(-1) });
        using var leaf = _issuing.Issue();

        var (_, search) = (SearchCase.For(leaf, _root) with { Untrusted = [toNowhere, expired] }).Run();

        search.Rejection.Reason.Should().Be(RejectionReason.Expired);
        search.Rejection.Certificate.Should().Be("CN=Issuing");
    }

    [Fact]
    public void PathThatThePlatformRefuses_IsRefused()
    {
        using var leaf = _issuing.Issue();
        var path = SearchCase.For(leaf, _root).Run().Path!;

        PlatformChain.Check(path.Certificates, PathOptions.Workload, DateTimeOffset.UtcNow).Should().BeNull();
        PlatformChain.Check(path.Certificates, PathOptions.Workload, DateTimeOffset.UtcNow.AddYears(2))!.Reason.Should().Be(RejectionReason.Expired);
    }

    [Fact]
    public void SelfSignedAuthorityAsLeafUnderItsOwnCrossCertificate_IsNoCircle()
    {
        using var other = TestAuthority.CreateRoot("Other Root");
        using var cross = other.CrossSign(_root);

        var (path, search) = new SearchCase { Leaf = _root.Certificate, Untrusted = [cross], Anchors = [other.Certificate], Options = PathOptions.Rfc5280 }.Run();

        Subjects(path).Should().Equal(["CN=Test Root", "CN=Test Root", "CN=Other Root"], search.Rejection.Detail);
    }

    [Fact]
    public void PathBeyondTheBoundOnItsLength_IsToldAsTooLong()
    {
        var authorities = new List<TestAuthority> { _root };
        for (var i = 0; i < 33; i++)
        {
            authorities.Add(authorities[^1].CreateIntermediate($"Level {i}"));
        }

        using var leaf = authorities[^1].Issue();
        var search = SearchCase.For(leaf, _root) with { Options = PathOptions.Workload with { MaxDepth = 255 } };

        search.Run().Search.Rejection.Reason.Should().Be(RejectionReason.PathTooLong);
    }

    [Fact]
    public void AnchorWithoutBasicConstraints_IsANameAndAKeyByTheRfcOnly()
    {
        using var bare = _root.CreateIntermediate("Bare", request => request.Remove("2.5.29.19"));
        using var leaf = bare.Issue();
        var search = new SearchCase { Leaf = leaf.Certificate, Anchors = [bare.Certificate] };

        var (path, refused) = (search with { Options = PathOptions.Rfc5280 }).Run();
        path.Should().NotBeNull(refused.Rejection.Detail);
        search.Run().Search.Rejection.Reason.Should().Be(RejectionReason.NotAuthority);
    }

    [Fact]
    public void AnchorWithNeitherBasicConstraintsNorKeyUsage_IsANameAndAKeyByTheRfc()
    {
        using var bare = _root.CreateIntermediate("Bare", RemoveWhatMakesAnAuthority);
        using var leaf = bare.Issue();
        var search = new SearchCase { Leaf = leaf.Certificate, Anchors = [bare.Certificate], Options = PathOptions.Rfc5280 };

        var (path, refused) = search.Run();

        path.Should().NotBeNull(refused.Rejection.Detail);
    }

    [Fact]
    public void SelfSignedRootWithoutBasicConstraints_IsRefused()
    {
        using var root = TestAuthority.CreateRoot("Bare Root", request => request.Remove("2.5.29.19"));
        using var leaf = root.Issue();

        (SearchCase.For(leaf, root) with { Options = PathOptions.Rfc5280 }).Run().Search.Rejection.Reason.Should().Be(RejectionReason.NotAuthority);
    }

    [Fact]
    public void BareAnchorThatIsJudgedItself_GetsNoLeaveToSignCertificates()
    {
        using var bare = _root.CreateIntermediate("Bare", request => request.Remove("2.5.29.19"));

        new SearchCase { Leaf = bare.Certificate, Anchors = [bare.Certificate], Options = PathOptions.Rfc5280 }.Run()
            .Search.Rejection.Reason.Should().Be(RejectionReason.NotAuthority);
    }

    [Fact]
    public void AnchorThatSaysItIsNoAuthority_IsRefused()
    {
        using var end = _root.CreateIntermediate("End", request =>
        {
            request.Replace(new X509BasicConstraintsExtension(false, false, 0, true));
            request.Remove("2.5.29.15");
        });
        using var leaf = end.Issue();

        new SearchCase { Leaf = leaf.Certificate, Anchors = [end.Certificate], Options = PathOptions.Rfc5280 }.Run()
            .Search.Rejection.Reason.Should().Be(RejectionReason.NotAuthority);
    }

    [Fact]
    public void BareIntermediate_IsNoAuthority()
    {
        using var bare = _root.CreateIntermediate("Bare", RemoveWhatMakesAnAuthority);
        using var leaf = bare.Issue();

        (SearchCase.For(leaf, _root) with { Options = PathOptions.Rfc5280 }).Run().Search.Rejection.Reason.Should().Be(RejectionReason.NotAuthority);
    }

    [Fact]
    public void SelfIssuedCertificateWithoutAuthorityKeyIdentifier_IsNotTakenForSelfSigned()
    {
        using var renewed = TestAuthority.CreateRoot("Test Root");
        using var rollover = _root.CrossSign(renewed);
        using var leaf = renewed.Issue();

        var (path, search) = (SearchCase.For(leaf, _root) with { Untrusted = [rollover] }).Run();
        path.Should().NotBeNull(search.Rejection.Detail);

        // Judged itself it is where the platform's chain ends, and the refusal that we overrule.
        (path, search) = new SearchCase { Leaf = rollover, Anchors = [_root.Certificate], Options = PathOptions.Rfc5280 }.Run();
        path.Should().NotBeNull(search.Rejection.Detail);
    }

    [Fact]
    public void SelfIssuedCertificateOfAnotherKey_IsRefused()
    {
        using var impostor = TestAuthority.CreateRoot("Test Root");
        using var renewed = TestAuthority.CreateRoot("Test Root");
        using var rollover = impostor.CrossSign(renewed);

        new SearchCase { Leaf = rollover, Anchors = [_root.Certificate], Options = PathOptions.Rfc5280 }.Run()
            .Search.Rejection.Reason.Should().Be(RejectionReason.BadSignature);
    }

    [Fact]
    public void WhatOnlyThePlatformRefuses_IsRefused()
    {
        // To us a key identifier is a hint; to OpenSSL one that fits no issuer means that this is another one's certificate.
        using var leaf = _root.Issue(new IssueOptions
        {
            Configure = request => request.Replace(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier([1, 2, 3, 4])),
        });

        var (path, search) = SearchCase.For(leaf, _root).Run();

        path.Should().BeNull();
        search.Rejection.Rule.Should().Be("X509Chain");
    }

    [Fact]
    public void RefusalOfThePlatformWithoutAReason_IsOne()
    {
        using var leaf = _root.Issue();

        PlatformChain.Judge([], [SearchCase.Parse(leaf.Certificate), SearchCase.Parse(_root.Certificate)], PathOptions.Workload, DateTimeOffset.UtcNow).Should().NotBeNull();
    }

    private static void RemoveWhatMakesAnAuthority(CertificateRequest request)
    {
        request.Remove("2.5.29.19");
        request.Remove("2.5.29.15");
    }

    /// <summary>A certificate that names the anchor as its issuer: without one by name nothing is searched at all.</summary>
    private static X509Certificate2 ForgedWayOut(TestAuthority authority)
    {
        using var impostor = TestAuthority.CreateRoot();
        return impostor.CrossSign(authority);
    }

    public void Dispose()
    {
        _root.Dispose();
        _issuing.Dispose();
    }

    private static IEnumerable<string> Subjects(CertificationPath? path)
        => path?.Certificates.Select(certificate => certificate.SubjectText) ?? [];
}
