using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths.Signatures;

namespace MtlsSidecar.Trust.Tests.Paths;

/// <summary>What a peer can make a check of a signature cost by the numbers of its RSA key.</summary>
public sealed class RsaKeySizeTests
{
    [Theory]
    [InlineData(2048, 1)]
    [InlineData(4096, 4)]
    [InlineData(8192, 16)]
    public void Cost_GrowsWithTheSquareOfTheSize(int bits, int cost) => Read(bits, [1, 0, 1]).VerificationCost.Should().Be(cost);

    [Fact]
    public void ExponentOfMoreThan32Bits_IsWeak()
    {
        Read(2048, [0x7F, 0xFF, 0xFF, 0xFF]).IsStrong.Should().BeTrue();
        Read(2048, [1, 0, 0, 0, 1]).IsStrong.Should().BeFalse();
    }

    private static SubjectKey Read(int bits, byte[] exponent)
    {
        var modulus = new byte[bits / 8];
        Array.Fill(modulus, (byte)0xFF);
        var key = new AsnWriter(AsnEncodingRules.DER);
        using (key.PushSequence())
        {
            key.WriteIntegerUnsigned(modulus);
            key.WriteIntegerUnsigned(exponent);
        }

        var info = new AsnWriter(AsnEncodingRules.DER);
        using (info.PushSequence())
        {
            using (info.PushSequence())
            {
                info.WriteObjectIdentifier("1.2.840.113549.1.1.1");
                info.WriteNull();
            }

            info.WriteBitString(key.Encode());
        }

        return SubjectKeyReader.Read(info.Encode());
    }
}
