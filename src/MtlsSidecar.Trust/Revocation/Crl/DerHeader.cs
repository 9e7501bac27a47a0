using System.Formats.Asn1;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// Reads tag and length of one DER value. <see cref="AsnDecoder"/> does the same with more generality in several times the time; a CRL of a
/// million entries has three million values, each walked three times.
/// </summary>
internal static class DerHeader
{
    /// <summary>Reads a header and checks that its content is there.</summary>
    /// <param name="source">Where the value begins.</param>
    /// <param name="tag">The only tag accepted.</param>
    /// <param name="contentLength">Length of the content.</param>
    /// <returns>Where the content begins.</returns>
    /// <exception cref="AsnContentException">Another tag, a length that is not in its shortest form (X.690 §10.1), or too little data.</exception>
    public static int Read(ReadOnlySpan<byte> source, byte tag, out int contentLength)
    {
        if (source.Length < 2 || source[0] != tag)
        {
            throw new AsnContentException("another value is expected here");
        }

        contentLength = source[1];
        var start = 2;
        if (contentLength >= 0x80)
        {
            (start, contentLength) = ReadLongLength(source);
        }

        return contentLength <= source.Length - start ? start : throw new AsnContentException("value is cut off");
    }

    private static (int Start, int Length) ReadLongLength(ReadOnlySpan<byte> source)
    {
        var octets = source[1] & 0x7F;
        if (octets is 0 or > 4 || source.Length < 2 + octets)
        {
            throw new AsnContentException("length is indefinite or too long");
        }

        var length = 0u;
        foreach (var octet in source.Slice(2, octets))
        {
            length = (length << 8) | octet;
        }

        var isShortest = length >= 0x80 && source[2] != 0;
        return isShortest && length <= int.MaxValue ? (2 + octets, (int)length) : throw new AsnContentException("length is not in its shortest form, or too long");
    }
}
