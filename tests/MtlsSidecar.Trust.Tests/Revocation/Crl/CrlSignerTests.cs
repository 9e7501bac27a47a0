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
    public void CrlOfAnotherKeyIdentifier_IsNotTriedWithTheIssuersKey()
    {
        Load(new TestCrl { AuthorityKeyIdentifier = [1, 2, 3] });

        StatusOf(Leaf()).Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void TwoKeysOfOneIssuer_CountTheirCrlsApart()
    {
        var leaf = Leaf();
        var newKey = Own(Root.CreateIntermediate());
        Load(new TestCrl { Number = 7, Entries = [TestCrlEntry.For(leaf)] });
        Load(new TestCrl { Number = 1 }, newKey);

        StatusOf(leaf, newKey.Certificate).Should().Be(RevocationStatus.Revoked);
    }

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
