using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Paths.Rules;

public sealed class AlgorithmFloorTests : IDisposable
{
    private static readonly DateTimeOffset NotBefore = DateTimeOffset.UtcNow.AddDays(-1);
    private static readonly DateTimeOffset NotAfter = DateTimeOffset.UtcNow.AddYears(1);
    private readonly TestAuthority _root = TestAuthority.CreateRoot();

    [Theory]
    [InlineData("nistP256")]
    [InlineData("nistP384")]
    [InlineData("nistP521")]
    public void NistCurve_IsAccepted(string curve)
    {
        using var key = ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));

        Run(new IssueOptions { Key = key }).Path.Should().NotBeNull();
    }

    [Theory]
    [InlineData("secp256k1")]
    [InlineData("brainpoolP256r1")]
    public void OtherCurve_IsWeak(string curve)
    {
        using var key = ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));

        Run(new IssueOptions { Key = key }).Search.Rejection.Reason.Should().Be(RejectionReason.WeakAlgorithm);
    }

    [Fact]
    public void CurveByItsParameters_IsWeakEvenWhenTheyAreThoseOfP256()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var ecPublicKey = new Oid("1.2.840.10045.2.1");
        var publicKey = new PublicKey(ecPublicKey, new AsnEncodedData(ecPublicKey, ExplicitP256()), new AsnEncodedData(ecPublicKey, [4, .. point.X!, .. point.Y!]));
        using var leaf = _root.Sign(new CertificateRequest(new X500DistinguishedName("CN=explicit"), publicKey, HashAlgorithmName.SHA256), new IssueOptions());

        var rejection = new SearchCase { Leaf = leaf, Anchors = [_root.Certificate] }.Run().Search.Rejection;

        rejection.Reason.Should().Be(RejectionReason.WeakAlgorithm);
        rejection.Detail.Should().Contain("RFC 5480");
    }

    [Theory]
    [InlineData(1024, false)]
    [InlineData(2048, true)]
    [InlineData(3072, true)]
    public void RsaKey_NeedsTwoThousandAndFortyEightBits(int bits, bool isAccepted)
    {
        using var key = RSA.Create(bits);

        var (path, search) = Run(new IssueOptions { Key = key, SignatureHash = HashAlgorithmName.SHA256 });

        (path is not null).Should().Be(isAccepted, search.Rejection.Detail);
        if (!isAccepted)
        {
            search.Rejection.Reason.Should().Be(RejectionReason.WeakAlgorithm);
        }
    }

    [Fact]
    public void RsaKeyOfFiveHundredAndTwelveBits_IsNoKeyEvenWithoutTheFloor()
    {
        using var key = RSA.Create(512);
        using var root = SelfSigned(key, HashAlgorithmName.SHA256);
        using var leaf = IssueBy(root, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        var (path, search) = new SearchCase { Leaf = leaf, Anchors = [root], Options = PathOptions.Rfc5280 }.Run();

        path.Should().BeNull();
        search.Rejection.Reason.Should().Be(RejectionReason.WeakAlgorithm);
    }

    [Fact]
    public void Sha1Signature_IsWeakAndCountsOnlyWithoutTheFloor()
    {
        using var key = RSA.Create(2048);
        using var root = SelfSigned(key, HashAlgorithmName.SHA256);
        using var leaf = IssueBy(root, key, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);
        var search = new SearchCase { Leaf = leaf, Anchors = [root] };

        search.Run().Search.Rejection.Reason.Should().Be(RejectionReason.WeakAlgorithm);
        (search with { Options = PathOptions.Rfc5280 }).Run().Path.Should().NotBeNull();
    }

    [Fact]
    public void Md5Signature_NeverCounts()
    {
        using var key = RSA.Create(2048);
        using var root = SelfSigned(key, HashAlgorithmName.SHA256);
        using var leaf = IssueBy(root, key, HashAlgorithmName.MD5, RSASignaturePadding.Pkcs1);

        new SearchCase { Leaf = leaf, Anchors = [root], Options = PathOptions.Rfc5280 }.Run().Search.Rejection.Reason.Should().Be(RejectionReason.BadSignature);
    }

    [Fact]
    public void Sha1OnAnAnchorsOwnSignature_ProvesNothingAndIsNotJudged()
    {
        using var key = RSA.Create(2048);
        using var root = SelfSigned(key, HashAlgorithmName.SHA1);
        using var leaf = IssueBy(root, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        new SearchCase { Leaf = leaf, Anchors = [root] }.Run().Path.Should().NotBeNull();
    }

    [Fact]
    public void WeakAnchorKey_IsWeak()
    {
        using var key = RSA.Create(1024);
        using var root = SelfSigned(key, HashAlgorithmName.SHA256);
        using var leaf = IssueBy(root, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        new SearchCase { Leaf = leaf, Anchors = [root] }.Run().Search.Rejection.Reason.Should().Be(RejectionReason.WeakAlgorithm);
    }

    [Theory]
    [InlineData("SHA256")]
    [InlineData("SHA384")]
    [InlineData("SHA512")]
    public void PssSignature_IsVerified(string hash)
    {
        using var key = RSA.Create(2048);
        using var root = SelfSigned(key, HashAlgorithmName.SHA256);
        using var leaf = IssueBy(root, key, new HashAlgorithmName(hash), RSASignaturePadding.Pss);

        var (path, search) = new SearchCase { Leaf = leaf, Anchors = [root] }.Run();

        path.Should().NotBeNull(search.Rejection.Detail);
    }

    [Fact]
    public void PssSignatureByAnotherKey_IsBad()
    {
        using var key = RSA.Create(2048);
        using var other = RSA.Create(2048);
        using var root = SelfSigned(key, HashAlgorithmName.SHA256);
        using var leaf = IssueBy(root, other, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);

        new SearchCase { Leaf = leaf, Anchors = [root] }.Run().Search.Rejection.Reason.Should().Be(RejectionReason.BadSignature);
    }

    public void Dispose() => _root.Dispose();

    private static X509Certificate2 SelfSigned(RSA key, HashAlgorithmName hash)
    {
        var name = new X500DistinguishedName("CN=RSA Root");
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.Create(name, Generator(key, hash, RSASignaturePadding.Pkcs1), NotBefore, NotAfter, [1, 2, 3]);
    }

    private static X509Certificate2 IssueBy(X509Certificate2 issuer, RSA key, HashAlgorithmName hash, RSASignaturePadding padding)
    {
        using var subject = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(
            new X500DistinguishedName("CN=leaf"), subject, hash == HashAlgorithmName.SHA384 || hash == HashAlgorithmName.SHA512 ? hash : HashAlgorithmName.SHA256);
        return request.Create(issuer.SubjectName, Generator(key, hash, padding), NotBefore.AddHours(1), NotAfter.AddHours(-1), [1, 2, 3, 4]);
    }

    private static X509SignatureGenerator Generator(RSA key, HashAlgorithmName hash, RSASignaturePadding padding)
        => hash == HashAlgorithmName.MD5 || hash == HashAlgorithmName.SHA1 ? new WeakSignatureGenerator(key, hash) : X509SignatureGenerator.CreateForRSA(key, padding);

    private (CertificationPath? Path, PathSearch Search) Run(IssueOptions issue)
    {
        using var leaf = _root.Issue(issue);
        return SearchCase.For(leaf, _root).Run();
    }

    private static byte[] ExplicitP256()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        var p = Number("FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF");
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.10045.1.1");
                writer.WriteInteger(p);
            }

            using (writer.PushSequence())
            {
                writer.WriteOctetString((p - 3).ToByteArray(isUnsigned: true, isBigEndian: true));
                writer.WriteOctetString(Convert.FromHexString("5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B"));
            }

            writer.WriteOctetString(Convert.FromHexString(
                "04" + "6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296" + "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5"));
            writer.WriteInteger(Number("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"));
            writer.WriteInteger(1);
        }

        return writer.Encode();
    }

    private static BigInteger Number(string hexadecimal) => new(Convert.FromHexString(hexadecimal), isUnsigned: true, isBigEndian: true);

    /// <summary>The platform no longer writes signatures with these hashes itself.</summary>
    private sealed class WeakSignatureGenerator(RSA key, HashAlgorithmName hash) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm)
            => Convert.FromHexString(hash == HashAlgorithmName.MD5 ? "300D06092A864886F70D0101040500" : "300D06092A864886F70D0101050500");

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.SignData(data, hash, RSASignaturePadding.Pkcs1);

        protected override PublicKey BuildPublicKey() => new(key);
    }
}
