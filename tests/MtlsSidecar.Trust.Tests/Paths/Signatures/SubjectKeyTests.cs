using System.Formats.Asn1;
using System.Security.Cryptography;
using MtlsSidecar.Trust.Paths.Signatures;

namespace MtlsSidecar.Trust.Tests.Paths.Signatures;

/// <summary>RSASSA-PSS keys and to what they restrict their signatures (RFC 4055 §3.3).</summary>
public sealed class SubjectKeyTests : IDisposable
{
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";
    private const string Sha384 = "2.16.840.1.101.3.4.2.2";
    private readonly RSA _key = RSA.Create(2048);

    [Fact]
    public void PssKeyWithoutParameters_AllowsAnyHash()
        => Verifies(info: Info(parameters: null), signed: HashAlgorithmName.SHA256).Should().BeTrue();

    [Theory]
    [InlineData(Sha256, Sha256, 32, true)]
    [InlineData(Sha256, Sha256, 20, true)]
    [InlineData(Sha256, Sha256, 33, false)]
    [InlineData(Sha384, Sha384, 48, false)]
    [InlineData(Sha256, Sha384, 32, false)]
    public void PssKeyWithParameters_AllowsItsOwnOnly(string hash, string maskHash, int salt, bool holds)
        => Verifies(Info(Parameters(hash, maskHash, salt)), HashAlgorithmName.SHA256).Should().Be(holds);

    [Theory]
    [InlineData("0500", "NULL is no parameters")]
    [InlineData("3000" + "0500", "something behind them")]
    public void PssKeyWithOtherParameters_IsUnreadable(string parameters, string why)
        => SubjectKey.TryRead(Info(Convert.FromHexString(parameters)), out _, out _).Should().BeFalse(why);

    [Fact]
    public void PssKeyForAnUnknownHash_IsUnreadable()
        => SubjectKey.TryRead(Info(Parameters("1.2.3.4", "1.2.3.4", 32)), out _, out _).Should().BeFalse();

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void KeyThatIsNotWholeOctets_IsUnreadable(int unusedBits, bool isReadable)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.3.101.112");
            }

            writer.WriteBitString(new byte[32], unusedBits);
        }

        SubjectKey.TryRead(writer.Encode(), out _, out _).Should().Be(isReadable);
    }

    public void Dispose() => _key.Dispose();

    private bool Verifies(byte[] info, HashAlgorithmName signed)
    {
        byte[] data = [1, 2, 3];
        SubjectKey.TryRead(info, out var key, out var error).Should().BeTrue(error);
        var algorithm = new SignatureAlgorithm(KeyFamily.Rsa, signed, IsPss: true);
        return key!.VerifyHash(algorithm, CryptographicOperations.HashData(signed, data), _key.SignData(data, signed, RSASignaturePadding.Pss));
    }

    private byte[] Info(byte[]? parameters)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.113549.1.1.10");
                if (parameters is not null)
                {
                    // As it comes: a test may put in what isn't one value.
                    foreach (var value in Values(parameters))
                    {
                        writer.WriteEncodedValue(value.Span);
                    }
                }
            }

            writer.WriteBitString(_key.ExportRSAPublicKey());
        }

        return writer.Encode();
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Values(byte[] encoded)
    {
        for (var reader = new AsnReader(encoded, AsnEncodingRules.DER); reader.HasData;)
        {
            yield return reader.ReadEncodedValue();
        }
    }

    private static byte[] Parameters(string hash, string maskHash, int salt)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            {
                WriteAlgorithm(writer, hash);
            }

            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1)))
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.113549.1.1.8");
                WriteAlgorithm(writer, maskHash);
            }

            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 2)))
            {
                writer.WriteInteger(salt);
            }
        }

        return writer.Encode();
    }

    private static void WriteAlgorithm(AsnWriter writer, string oid)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            writer.WriteNull();
        }
    }
}
