using System.Formats.Asn1;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Reads DER in place from unmanaged memory, where <see cref="AsnReader"/> can't go. All methods throw <see cref="AsnContentException"/>.</summary>
internal ref struct DerSpan(ReadOnlySpan<byte> rest)
{
    /// <summary>What has not been read.</summary>
    public ReadOnlySpan<byte> Rest { get; private set; } = rest;

    /// <summary>Whether a primitive or constructed value of that type comes next.</summary>
    public readonly bool IsNext(UniversalTagNumber tag)
        => !Rest.IsEmpty && Asn1Tag.Decode(Rest, out _).HasSameClassAndValue(new Asn1Tag(tag));

    public DerSpan ReadSequence(Asn1Tag? tag = null)
    {
        AsnDecoder.ReadSequence(Rest, AsnEncodingRules.DER, out var start, out var length, out var consumed, tag);
        var content = Rest.Slice(start, length);
        Rest = Rest[consumed..];
        return new DerSpan(content);
    }

    public readonly ReadOnlySpan<byte> PeekEncoded()
    {
        AsnDecoder.ReadEncodedValue(Rest, AsnEncodingRules.DER, out _, out _, out var consumed);
        return Rest[..consumed];
    }

    public ReadOnlySpan<byte> ReadEncoded()
    {
        var encoded = PeekEncoded();
        Rest = Rest[encoded.Length..];
        return encoded;
    }

    /// <summary>Reads a value that will be kept in memory, and so has a limit.</summary>
    public byte[] ReadEncoded(int maxLength)
    {
        var encoded = ReadEncoded();
        return encoded.Length <= maxLength ? encoded.ToArray() : throw new AsnContentException($"field of more than {maxLength} octets");
    }

    public byte[] ReadSignature(int maxLength)
    {
        var primitive = AsnDecoder.TryReadPrimitiveBitString(Rest, AsnEncodingRules.DER, out var unusedBits, out var bits, out var consumed);
        Rest = Rest[consumed..];
        return primitive && unusedBits == 0 && bits.Length <= maxLength
            ? bits.ToArray()
            : throw new AsnContentException("signature is no whole number of octets, or too long");
    }

    public int ReadSmallInteger()
    {
        var small = AsnDecoder.TryReadInt32(Rest, AsnEncodingRules.DER, out var value, out var consumed);
        Rest = Rest[consumed..];
        return small ? value : throw new AsnContentException("integer is out of range");
    }

    public DateTimeOffset ReadTime()
    {
        var time = CrlTime.Read(Rest, out var consumed);
        Rest = Rest[consumed..];
        return time;
    }

    public readonly void ThrowIfNotEmpty()
    {
        if (!Rest.IsEmpty)
        {
            throw new AsnContentException("data after the last field");
        }
    }
}
