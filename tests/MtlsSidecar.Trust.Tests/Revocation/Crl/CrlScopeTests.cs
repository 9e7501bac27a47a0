using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation;

namespace MtlsSidecar.Trust.Tests.Revocation.Crl;

/// <summary>Issuing distribution points: RFC 5280 §6.3.3 (b)(2).</summary>
public sealed class CrlScopeTests : CrlHouse
{
    [Theory]
    [InlineData("http://crl.test/a", RevocationStatus.Good)]
    [InlineData("HTTP://CRL.TEST/a", RevocationStatus.Good)]
    [InlineData("http://crl.test/A", RevocationStatus.Unknown)]
    [InlineData("http://crl.test/b", RevocationStatus.Unknown)]
    public void DistributionPointName_MustBeOneOfTheCertificates(string uri, RevocationStatus expected)
    {
        Load(new TestCrl { Scope = Point(uri).AsScope() });

        StatusOf(Leaf(Point("http://crl.test/other"), Point("http://crl.test/a"))).Should().Be(expected);
    }

    [Fact]
    public void CrlForOneDistributionPoint_SaysNothingOfCertificatesWithoutOne()
    {
        Load(new TestCrl { Scope = Point("http://crl.test/a").AsScope() });

        StatusOf(Leaf()).Should().Be(RevocationStatus.Unknown);
    }

    [Theory]
    [InlineData(32, RevocationStatus.Good)]
    [InlineData(33, RevocationStatus.Unknown)]
    public void DistributionPoints_AreReadUpToABound(int count, RevocationStatus expected)
    {
        // Each point is compared with each CRL of the issuer, and the peer chooses how many its certificate has.
        Load(new TestCrl());

        StatusOf(Leaf([.. Enumerable.Range(0, count).Select(number => Point($"http://crl.test/{number}"))])).Should().Be(expected);
    }

    [Theory]
    [InlineData(64, RevocationStatus.Good)]
    [InlineData(65, RevocationStatus.Unknown)]
    public void NamesOfADistributionPoint_AreReadUpToABound(int count, RevocationStatus expected)
    {
        Load(new TestCrl());

        StatusOf(Leaf(new TestDistributionPoint { FullName = [.. Enumerable.Range(0, count).Select(number => TestDistributionPoint.Uri($"http://crl.test/{number}"))] }))
            .Should().Be(expected);
    }

    [Fact]
    public void CrlForTheIssuersOwnName_CoversCertificatesWithoutADistributionPoint()
    {
        Load(new TestCrl { Scope = new TestDistributionPoint { FullName = [TestDistributionPoint.DirectoryName(Issuer.Certificate.SubjectName)] }.AsScope() });

        StatusOf(Leaf()).Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public void NamesRelativeToTheIssuer_Match()
    {
        Load(new TestCrl { Scope = new TestDistributionPoint { RelativeCommonName = "part 1" }.AsScope() });

        StatusOf(Leaf(new TestDistributionPoint { RelativeCommonName = "PART  1" })).Should().Be(RevocationStatus.Good);
        StatusOf(Leaf(new TestDistributionPoint { RelativeCommonName = "part 2" })).Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void RelativeNameMatchesTheSameNameInFull()
    {
        Load(new TestCrl { Scope = new TestDistributionPoint { RelativeCommonName = "part 1" }.AsScope() });
        var fullName = new System.Security.Cryptography.X509Certificates.X500DistinguishedName("CN=Test Intermediate, CN=part 1", System.Security.Cryptography.X509Certificates.X500DistinguishedNameFlags.None);

        StatusOf(Leaf(new TestDistributionPoint { FullName = [TestDistributionPoint.DirectoryName(fullName)] })).Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public void OnlyUserCertificates_SaysNothingOfAnAuthority()
    {
        var crl = new TestCrl { Scope = new TestDistributionPoint { OnlyUserCertificates = true }.AsScope() };
        Load(crl);
        Load(crl, Root);

        StatusOf(Leaf()).Should().Be(RevocationStatus.Good);
        Store.Check(CrlQuestions.Ask([Leaf(), Issuer.Certificate, Root.Certificate], 1)).Status.Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void OnlyAuthorityCertificates_SaysNothingOfALeaf()
    {
        var crl = new TestCrl { Scope = new TestDistributionPoint { OnlyAuthorityCertificates = true }.AsScope() };
        Load(crl);
        Load(crl, Root);

        StatusOf(Leaf()).Should().Be(RevocationStatus.Unknown);
        Store.Check(CrlQuestions.Ask([Leaf(), Issuer.Certificate, Root.Certificate], 1)).Status.Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public void OnlyAttributeCertificates_SaysNothingAtAll()
    {
        Load(new TestCrl { Scope = new TestDistributionPoint { OnlyAttributeCertificates = true }.AsScope() });

        StatusOf(Leaf()).Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void ListedByACrlForOthers_IsGood()
    {
        // What is not in its scope it doesn't speak of: an attribute certificate, say, may have the leaf's serial number.
        var leaf = Leaf(Point("http://crl.test/1"));
        Load(new TestCrl { Entries = [TestCrlEntry.For(leaf)], Scope = new TestDistributionPoint { OnlyAttributeCertificates = true }.AsScope() });
        Load(new TestCrl { Entries = [TestCrlEntry.For(leaf)], Scope = Point("http://crl.test/2").AsScope() });
        Load(new TestCrl { Scope = Point("http://crl.test/1").AsScope() });

        StatusOf(leaf).Should().Be(RevocationStatus.Good);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ListedByOneOfTwoScopes_IsRevokedInWhateverOrder(bool listingFirst)
    {
        var leaf = Leaf();
        TestCrl[] crls =
        [
            new TestCrl { Number = 9, Entries = [TestCrlEntry.For(leaf)] },
            new TestCrl { Number = 3, ThisUpdate = DateTimeOffset.UtcNow.AddHours(-2), Scope = new TestDistributionPoint { OnlyUserCertificates = true }.AsScope() },
        ];
        foreach (var crl in listingFirst ? crls : crls.Reverse())
        {
            Load(crl);
        }

        StatusOf(leaf).Should().Be(RevocationStatus.Revoked);
        StatusOf(Leaf()).Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public void TwoScopes_AnswerSideBySide()
    {
        var leaf = Leaf();
        Load(new TestCrl { Number = 9, Scope = new TestDistributionPoint { OnlyAuthorityCertificates = true }.AsScope() });
        Load(new TestCrl { Number = 3, Scope = new TestDistributionPoint { OnlyUserCertificates = true }.AsScope(), Entries = [TestCrlEntry.For(leaf)] });

        StatusOf(leaf).Should().Be(RevocationStatus.Revoked, "numbers are compared within one scope only");
    }
}
