using System.Formats.Asn1;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Reads <c>ReasonFlags</c>, a named bit list.</summary>
internal static class ReasonFlagsReader
{
    /// <summary>Reads them; bits that the standard doesn't name, and "unused" (bit 0), are dropped.</summary>
    public static ReasonFlags Read(AsnReader reader, Asn1Tag tag)
    {
        var bits = reader.ReadBitString(out _, tag);
        var flags = 0;
        for (var bit = 0; bit < Math.Min(bits.Length * 8, 16); bit++)
        {
            flags |= (bits[bit / 8] >> (7 - (bit % 8)) & 1) << bit;
        }

        return (ReasonFlags)flags & ReasonFlags.All;
    }
}
