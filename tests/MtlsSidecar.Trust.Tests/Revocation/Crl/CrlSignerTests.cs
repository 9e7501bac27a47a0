using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation;

namespace MtlsSidecar.Trust.Tests.Revocation.Crl;

/// <summary>Several keys with one name: RFC 5280 §6.3.3 (f) and (g).</summary>
public sealed class CrlSignerTests : CrlHouse
{
    [Fact]
    public void CrlByTheIssuersNewKey_IsUsedWhenItsCertificateIsKnown()
    {
        var leaf = Leaf();
        var newKey = Own(Root.CreateIntermediate());
        Load(new TestCrl { Entries = [TestCrlEntry.For(leaf)] }, newKey);

        StatusOf(leaf).Should().Be(RevocationStatus.Unknown);
        StatusOf(leaf, newKey.Certificate).Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public void CrlByAKeyWithTheIssuersNameButNoPath_IsUnknown()
    {
        using var impostor = TestAuthority.CreateRoot("Test Intermediate");
        Load(new TestCrl(), impostor);

        StatusOf(Leaf(), impostor.Certificate).Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void CrlByANewKeyThatMayNotSignCrls_IsUnknown()
    {
        var newKey = Own(Root.CreateIntermediate("Test Intermediate", request =>
        {
            request.CertificateExtensions.Remove(request.CertificateExtensions.OfType<X509KeyUsageExtension>().Single());
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        }));
        Load(new TestCrl(), newKey);

        StatusOf(Leaf(), newKey.Certificate).Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void CertificateThatSignsItsOwnCrl_IsUnknown()
    {
        // A leaf with its issuer's name and the right to sign CRLs, presented to clear itself.
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var leaf = Own(Issuer.Issue(new IssueOptions
        {
            Subject = "CN=Test Intermediate",
            Key = key,
            Configure = request =>
            {
                request.CertificateExtensions.Remove(request.CertificateExtensions.OfType<X509KeyUsageExtension>().Single());
                request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature, true));
            },
        }));
        Store.Load("own", new TestCrl().Sign(Issuer.Certificate.SubjectName, key)).Should().BeNull();

        StatusOf(leaf.Certificate).Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void AuthorityThatTookItsIssuersName_DoesNotClearItself()
    {
        // Self-issued: the certificate in question and the CRL's issuer have one name, and its own key signed the CRL.
        using var impostor = Root.CreateIntermediate("Test Root");
        Load(new TestCrl(), impostor);

        StatusOf(impostor.Certificate, Root).Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void CrlThatNamesAnotherKeyIdentifier_CountsIfTheIssuersKeySignedIt()
    {
        var leaf = Leaf();
        Load(new TestCrl { AuthorityKeyIdentifier = [1, 2, 3], Entries = [TestCrlEntry.For(leaf)] });

        StatusOf(leaf).Should().Be(RevocationStatus.Revoked);
        StatusOf(Leaf()).Should().Be(RevocationStatus.Good);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(1, false)]
    [InlineData(9, true)]
    [InlineData(9, false)]
    public void TwoKeysOfOneIssuer_CountTheirCrlsApart(int numberByTheOther, bool theOtherFirst)
    {
        // A revoked peer that presents the certificate of its issuer's other key must not be cleared by that key's CRL, in whatever order.
        var leaf = Leaf();
        var other = Own(Root.CreateIntermediate());
        (TestCrl Crl, TestAuthority Signer)[] crls = [(new TestCrl { Number = 7, Entries = [TestCrlEntry.For(leaf)] }, Issuer), (new TestCrl { Number = numberByTheOther }, other)];
        foreach (var (crl, signer) in theOtherFirst ? crls.Reverse() : crls)
        {
            Load(crl, signer);
        }

        StatusOf(leaf, other.Certificate).Should().Be(RevocationStatus.Revoked);
        StatusOf(leaf).Should().Be(RevocationStatus.Revoked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TwoKeysOfOneIssuerWithKeyIdentifiers_CountTheirCrlsApart(bool theOtherFirst)
    {
        var leaf = Leaf();
        var other = Own(Root.CreateIntermediate());
        (TestCrl Crl, TestAuthority Signer)[] crls = [(new TestCrl { Number = 7, Entries = [TestCrlEntry.For(leaf)] }, Issuer), (new TestCrl { Number = 9 }, other)];
        foreach (var (crl, signer) in theOtherFirst ? crls.Reverse() : crls)
        {
            Load(crl with { AuthorityKeyIdentifier = KeyIdentifierOf(signer) }, signer);
        }

        StatusOf(leaf, other.Certificate).Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public void Good_RestsOnTheCrlByTheKeyThatSignedTheCertificate()
    {
        var other = Own(Root.CreateIntermediate());
        var own = new TestCrl { Number = 1, NextUpdate = DateTimeOffset.UtcNow.AddDays(9) };
        var others = new TestCrl { Number = 2, NextUpdate = DateTimeOffset.UtcNow.AddDays(3) };
        Load(others with { AuthorityKeyIdentifier = KeyIdentifierOf(other) }, other);
        Load(own with { AuthorityKeyIdentifier = KeyIdentifierOf(Issuer) });

        AnswerAbout(Leaf(), other.Certificate).ValidUntil.Should().BeCloseTo(own.NextUpdate!.Value, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void StaleCrlByTheOldKey_LeavesTheWordToThatByTheNewOne()
    {
        var newKey = Own(Root.CreateIntermediate());
        Load(new TestCrl { Number = 1, NextUpdate = DateTimeOffset.UtcNow.AddMinutes(-1) });
        Load(new TestCrl { Number = 2 }, newKey);

        StatusOf(Leaf()).Should().Be(RevocationStatus.Unknown);
        StatusOf(Leaf(), newKey.Certificate).Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public void CrowdOfCertificatesWithTheIssuersName_ClearsNobody()
    {
        // So many that the CRL of the other key is not tried with its own: it might list the certificate.
        var other = Own(Root.CreateIntermediate());
        var crowd = Enumerable.Range(0, 30).Select(_ => Own(TestAuthority.CreateRoot("Test Intermediate")).Certificate).ToArray();
        var leaf = Leaf();
        Load(new TestCrl());
        Load(new TestCrl { Entries = [TestCrlEntry.For(leaf)] }, other);

        StatusOf(leaf, [.. crowd, other.Certificate]).Should().Be(RevocationStatus.Unknown);
        StatusOf(leaf, other.Certificate).Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public void CrowdOfCertificatesWithNameAndKeyOfTheSigner_IsNotSearchedToItsEnd()
    {
        // The CRL's signature holds under each of them, so only a path search tells them from the genuine one, which comes last.
        var (leaf, other) = (Leaf(), Own(Root.CreateIntermediate()));
        Load(new TestCrl());
        Load(new TestCrl { Entries = [TestCrlEntry.For(leaf)] }, other);

        StatusOf(leaf, [.. WithoutPath(other, 20), other.Certificate]).Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void SignersTwinsWithoutPath_AreSearchedOnceForAllCrls()
    {
        // Cross-certificates by another anchor and expired ones are what an authority leaves behind; three CRLs ask for each of them.
        var other = Own(Root.CreateIntermediate());
        var expired = Own(Root.CrossSign(other, new IssueOptions { NotBefore = DateTimeOffset.UtcNow.AddDays(-2), NotAfter = DateTimeOffset.UtcNow.AddDays(-1) }));
        foreach (var reasons in new int[][] { [1], [2], [3, 4, 5, 6, 7, 8] })
        {
            Load(new TestCrl { Scope = new TestDistributionPoint { Reasons = reasons }.AsScope() }, other);
        }

        StatusOf(Leaf(), [expired, .. WithoutPath(other, 4), other.Certificate]).Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public void CrowdBehindWhichTheSignerIsRevoked_ClearsNobody()
    {
        // So many with the root's name that the CRL which revokes the signer is not tried with its own key: the signer passes for unrevoked.
        var (leaf, other, rootsNewKey) = (Leaf(), Own(Root.CreateIntermediate()), Own(Root.CreateIntermediate("Test Root")));
        var crowd = Enumerable.Range(0, 30).Select(_ => Own(TestAuthority.CreateRoot()).Certificate).ToArray();
        Load(new TestCrl(), other);
        StatusOf(leaf, [.. crowd, other.Certificate, rootsNewKey.Certificate]).Should().Be(RevocationStatus.Good);

        Load(new TestCrl { Entries = [TestCrlEntry.For(other.Certificate)] }, rootsNewKey);

        StatusOf(leaf, [.. crowd, other.Certificate, rootsNewKey.Certificate]).Should().Be(RevocationStatus.Unknown);
    }

    /// <summary>Certificates with an authority's name and key by somebody who took the root's name.</summary>
    private X509Certificate2[] WithoutPath(TestAuthority authority, int count)
    {
        var impostor = Own(TestAuthority.CreateRoot());
        return [.. Enumerable.Range(0, count).Select(_ => Own(impostor.CrossSign(authority)))];
    }

    private static byte[] KeyIdentifierOf(TestAuthority authority)
        => Convert.FromHexString(authority.Certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single().SubjectKeyIdentifier!);

    [Fact]
    public void CrlBelowTheAlgorithmFloor_IsUnknown()
    {
        using var weakKey = System.Security.Cryptography.RSA.Create(1024);
        var request = new CertificateRequest("CN=Weak", weakKey, System.Security.Cryptography.HashAlgorithmName.SHA256, System.Security.Cryptography.RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var weak = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var leafRequest = new CertificateRequest("CN=leaf", weakKey, System.Security.Cryptography.HashAlgorithmName.SHA256, System.Security.Cryptography.RSASignaturePadding.Pkcs1);
        using var leaf = leafRequest.Create(weak, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), [5]);
        var crl = new CertificateRevocationListBuilder().Build(
            weak, 1, DateTimeOffset.UtcNow.AddHours(1), System.Security.Cryptography.HashAlgorithmName.SHA256, System.Security.Cryptography.RSASignaturePadding.Pkcs1);
        var question = CrlQuestions.Ask([leaf, weak], 0);
        using var lenient = new Trust.Revocation.Crl.CrlStore(new Trust.Revocation.Crl.CrlOptions { AlgorithmFloor = false }, TimeProvider.System);

        Store.Load("weak", crl);
        lenient.Load("weak", crl);

        Store.Check(question).Status.Should().Be(RevocationStatus.Unknown);
        lenient.Check(question).Status.Should().Be(RevocationStatus.Good);
    }
}
