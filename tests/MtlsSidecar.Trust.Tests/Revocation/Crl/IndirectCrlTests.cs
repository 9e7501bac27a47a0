using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation;

namespace MtlsSidecar.Trust.Tests.Revocation.Crl;

/// <summary>CRLs by somebody else than the certificate's issuer: RFC 5280 §5.2.5, §5.3.3 and §6.3.3 (b)(1), (f).</summary>
public sealed class IndirectCrlTests : CrlHouse
{
    private static readonly byte[] Indirect = (Point("http://crl.test/indirect") with { IsIndirect = true }).AsScope();
    private readonly TestAuthority _crlIssuer;

    public IndirectCrlTests() => _crlIssuer = Own(Root.CreateIntermediate("CRL Issuer"));

    private TestDistributionPoint PointOfCrlIssuer => Point("http://crl.test/indirect") with { CrlIssuer = _crlIssuer.Certificate.SubjectName };

    [Fact]
    public void CertificateListedUnderItsIssuersName_IsRevoked()
    {
        var leaf = Leaf(PointOfCrlIssuer);
        Load(new TestCrl { Scope = Indirect, Entries = [TestCrlEntry.For(leaf) with { CertificateIssuer = Issuer.Certificate.SubjectName }] }, _crlIssuer);

        StatusOf(leaf, _crlIssuer.Certificate).Should().Be(RevocationStatus.Revoked);
        StatusOf(Leaf(PointOfCrlIssuer), _crlIssuer.Certificate).Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public void CertificateIssuer_HoldsForTheEntriesAfterIt()
    {
        var (first, second) = (Leaf(PointOfCrlIssuer), Leaf(PointOfCrlIssuer));
        Load(new TestCrl { Scope = Indirect, Entries = [TestCrlEntry.For(first) with { CertificateIssuer = Issuer.Certificate.SubjectName }, TestCrlEntry.For(second)] }, _crlIssuer);

        StatusOf(second, _crlIssuer.Certificate).Should().Be(RevocationStatus.Revoked);
    }

    [Theory]
    [InlineData(4096, null)]
    [InlineData(4097, "more than 4096 certificate issuers in an indirect CRL")]
    public void CertificateIssuers_AreReadUpToABound(int count, string? refusal)
    {
        var entries = Enumerable.Range(0, count).Select(number => new TestCrlEntry([1]) { CertificateIssuer = new X500DistinguishedName($"CN={number}") });

        Store.Load("file", new TestCrl { Scope = Indirect, Entries = [.. entries] }.Sign(_crlIssuer)).Should().Be(refusal);
    }

    [Fact]
    public void SameSerialNumberOfAnotherIssuer_IsNotRevoked()
    {
        var leaf = Leaf(PointOfCrlIssuer);
        Load(
            new TestCrl
            {
                Scope = Indirect,
                Entries = [TestCrlEntry.For(leaf), TestCrlEntry.For(leaf) with { CertificateIssuer = new X500DistinguishedName("CN=Somebody else") }],
            },
            _crlIssuer);

        StatusOf(leaf, _crlIssuer.Certificate).Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public void CrlOfTheNamedIssuerThatIsNotIndirect_IsUnknown()
    {
        Load(new TestCrl { Scope = Point("http://crl.test/indirect").AsScope() }, _crlIssuer);

        StatusOf(Leaf(PointOfCrlIssuer), _crlIssuer.Certificate).Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void CrlOfTheNamedIssuerWithoutAScope_SpeaksForItsOwnCertificatesAlone()
    {
        Load(new TestCrl(), _crlIssuer);

        StatusOf(Leaf(PointOfCrlIssuer), _crlIssuer.Certificate).Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void IndirectCrlThatTheCertificateDoesNotName_IsUnknown()
    {
        Load(new TestCrl { Scope = Indirect }, _crlIssuer);

        StatusOf(Leaf(Point("http://crl.test/indirect")), _crlIssuer.Certificate).Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void CrlIssuerWhoseCertificateIsMissing_IsUnknown()
    {
        Load(new TestCrl { Scope = Indirect }, _crlIssuer);

        StatusOf(Leaf(PointOfCrlIssuer)).Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void CrlIssuerUnderAnotherAnchor_IsUnknown()
    {
        using var foreignRoot = TestAuthority.CreateRoot("Foreign Root");
        using var impostor = foreignRoot.CreateIntermediate("CRL Issuer");
        Load(new TestCrl { Scope = Indirect }, impostor);

        StatusOf(Leaf(PointOfCrlIssuer), impostor.Certificate, foreignRoot.Certificate).Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void CrlIssuerWhoIsRevoked_IsUnknown()
    {
        Load(new TestCrl { Scope = Indirect }, _crlIssuer);
        Load(new TestCrl { Entries = [TestCrlEntry.For(_crlIssuer.Certificate)] }, Root);

        StatusOf(Leaf(PointOfCrlIssuer), _crlIssuer.Certificate).Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void IndirectCrlOfTheCertificatesOwnIssuer_SpeaksOfItsCertificates()
    {
        var (leaf, other) = (Leaf(), Leaf());
        Load(new TestCrl { Scope = new TestDistributionPoint { IsIndirect = true }.AsScope(), Entries = [TestCrlEntry.For(leaf)] });

        StatusOf(leaf).Should().Be(RevocationStatus.Revoked);
        StatusOf(other).Should().Be(RevocationStatus.Good);
    }
}
