using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Authority.Enrolment;
using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Peers;

namespace MtlsSidecar.Authority.Tests.Enrolment;

public sealed class CertificationRequestTests
{
    [Fact]
    public void GoodRequest_GivesItsKeyAndTheNamesItAsksFor()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        var isGood = CertificationRequest.TryRead(Requests.Create(key, Requests.Names("spiffe://foo.test/a", "A.foo.test")), out var request, out _);

        isGood.Should().BeTrue();
        request!.SubjectPublicKeyInfo.ToArray().Should().Equal(key.ExportSubjectPublicKeyInfo());
        request.Names.Uris.Should().Equal("spiffe://foo.test/a");
        request.Names.DnsNames.Should().Equal("a.foo.test");
        request.AsksForAuthority.Should().BeFalse();
    }

    [Fact]
    public void RequestForAnAuthority_IsSeenAsOne()
    {
        var der = Requests.Create(request => request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true)));

        CertificationRequest.TryRead(der, out var request, out _).Should().BeTrue();

        request!.AsksForAuthority.Should().BeTrue();
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(1536)]
    public void WeakRsaKey_IsRefused(int bits)
    {
        using var key = RSA.Create(bits);

        Refusal(new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest()).Should().Contain("weak");
    }

    [Fact]
    public void WeakCurve_IsRefused()
    {
        using var key = ECDsa.Create(ECCurve.CreateFromFriendlyName("secp256k1"));

        Refusal(Requests.Create(key)).Should().Contain("weak");
    }

    [Fact]
    public async Task Sha1Signature_IsRefused()
    {
        using var directory = new TestDirectory();
        var made = await OpenSsl.RunAsync(
            "req", "-new", "-sha1", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", directory["key"], "-outform", "DER", "-out", directory["request"]);
        made.ExitCode.Should().Be(0, made.ToString());

        Refusal(await File.ReadAllBytesAsync(directory["request"])).Should().Contain("weak");
    }

    [Fact]
    public void StrongRsaKey_IsAccepted()
    {
        using var key = RSA.Create(2048);

        CertificationRequest.TryRead(new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest(), out _, out _)
            .Should().BeTrue();
    }

    [Fact]
    public void SignatureByAnotherKey_IsRefused()
    {
        // The key of a victim in a request that its holder never signed.
        using var victim = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var forged = Requests.Create(thief).AsSpan().ToArray();
        var position = forged.AsSpan().IndexOf(thief.ExportSubjectPublicKeyInfo());
        victim.ExportSubjectPublicKeyInfo().CopyTo(forged, position);

        Refusal(forged).Should().Contain("not by the key");
    }

    [Fact]
    public void OversizedRequest_IsRefusedUnread()
    {
        var der = Requests.Create(Requests.Names(null, [.. Enumerable.Range(0, 1000).Select(i => $"name-{i}.foo.test")]));

        Refusal(der).Should().Contain("larger");
    }

    [Fact]
    public void EveryTruncation_IsRefused()
    {
        var der = Requests.Create(Requests.Names("spiffe://foo.test/a"));

        for (var length = 0; length < der.Length; length++)
        {
            CertificationRequest.TryRead(der.AsMemory(0, length), out _, out _).Should().BeFalse();
        }

        byte[] longer = [.. der, 0];
        CertificationRequest.TryRead(longer, out _, out _).Should().BeFalse("trailing octets are no part of a request");
    }

    [Fact]
    public void EveryChangedOctet_IsRefused()
    {
        var der = Requests.Create(request => request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true)));

        for (var i = 0; i < der.Length; i++)
        {
            foreach (var mask in new byte[] { 0x01, 0x80, 0xff })
            {
                var changed = der.ToArray();
                changed[i] ^= mask;
                CertificationRequest.TryRead(changed, out _, out _).Should().BeFalse($"octet {i} was changed");
            }
        }
    }

    private static string Refusal(byte[] der)
    {
        CertificationRequest.TryRead(der, out _, out var error).Should().BeFalse();
        return error!;
    }
}
