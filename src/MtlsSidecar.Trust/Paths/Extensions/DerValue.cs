using System.Formats.Asn1;

namespace MtlsSidecar.Trust.Paths.Extensions;

/// <summary>What the readers of extension values share. All throw <see cref="AsnContentException"/> on anything that isn't the DER expected.</summary>
internal static class DerValue
{
    /// <summary>Opens a value that is exactly one SEQUENCE.</summary>
    public static AsnReader ReadSequence(ReadOnlyMemory<byte> value)
    {
        var document = new AsnReader(value, AsnEncodingRules.DER);
        var sequence = document.ReadSequence();
        document.ThrowIfNotEmpty();
        return sequence;
    }

    /// <summary>Opens a value that is exactly one SEQUENCE SIZE (1..MAX).</summary>
    public static AsnReader ReadNonEmptySequence(ReadOnlyMemory<byte> value)
    {
        var sequence = ReadSequence(value);
        return sequence.HasData ? sequence : throw new AsnContentException("a list that must not be empty is empty");
    }

    /// <summary>Reads a count of certificates, INTEGER (0..MAX). One beyond 32 bits says the same as the largest of them.</summary>
    public static int ReadSkipCount(AsnReader reader, Asn1Tag tag)
    {
        var octets = reader.ReadIntegerBytes(tag).Span;
        if ((octets[0] & 0x80) != 0)
        {
            throw new AsnContentException("a count of certificates is negative");
        }

        octets = octets.TrimStart((byte)0);
        if (octets.Length > 3)
        {
            return int.MaxValue;
        }

        var count = 0;
        foreach (var octet in octets)
        {
            count = (count << 8) | octet;
        }

        return count;
    }
}
