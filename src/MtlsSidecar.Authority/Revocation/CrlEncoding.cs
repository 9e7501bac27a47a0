using System.Buffers.Text;
using System.Formats.Asn1;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Authority.Revocation;

/// <summary>
/// DER of a CRL's parts (RFC 5280 §5.1). Entries are written by hand into a span: a million of them must cost a second, not a minute.
/// </summary>
internal static class CrlEncoding
{
    /// <summary>More octets than any entry has.</summary>
    public const int MaxEntryLength = 64;

    private const byte Sequence = 0x30;
    private const byte Integer = 0x02;
    private const int UtcTimeEnd = 2050;

    /// <summary>An entry's extensions with its reason code (§5.3.1), whose last octet is the reason.</summary>
    private static ReadOnlySpan<byte> ReasonExtensions => [0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01, 0x00];

    /// <summary>Writes one entry and gives its length.</summary>
    public static int WriteEntry(Span<byte> destination, in CrlEntry entry)
    {
        var length = 2;
        destination[length++] = Integer;
        destination[length++] = (byte)entry.Serial.Length;
        entry.Serial.CopyTo(destination[length..]);
        length += entry.Serial.Length;
        length += WriteTime(destination[length..], entry.RevokedAt);
        if (entry.Reason != CrlReason.Unspecified)
        {
            // Absent rather than unspecified (§5.3.1).
            ReasonExtensions.CopyTo(destination[length..]);
            length += ReasonExtensions.Length;
            destination[length - 1] = (byte)entry.Reason;
        }

        (destination[0], destination[1]) = (Sequence, (byte)(length - 2));
        return length;
    }

    /// <summary>Writes a <c>Time</c>: UTCTime until 2049, GeneralizedTime after (§5.1.2.4).</summary>
    public static int WriteTime(Span<byte> destination, DateTimeOffset time)
    {
        var utc = time.UtcDateTime;
        var isShort = utc.Year < UtcTimeEnd;
        destination[0] = (byte)(isShort ? UniversalTagNumber.UtcTime : UniversalTagNumber.GeneralizedTime);
        var length = 2;
        if (!isShort)
        {
            length += Digits(destination[length..], utc.Year / 100);
        }

        length += Digits(destination[length..], utc.Year % 100);
        length += Digits(destination[length..], utc.Month);
        length += Digits(destination[length..], utc.Day);
        length += Digits(destination[length..], utc.Hour);
        length += Digits(destination[length..], utc.Minute);
        length += Digits(destination[length..], utc.Second);
        destination[length++] = (byte)'Z';
        destination[1] = (byte)(length - 2);
        return length;
    }

    /// <summary>The header of a SEQUENCE with so many octets in it.</summary>
    public static byte[] SequenceHeader(long contentLength)
    {
        if (contentLength < 0x80)
        {
            return [Sequence, (byte)contentLength];
        }

        var octets = 1;
        while (contentLength >> (8 * octets) != 0)
        {
            octets++;
        }

        var header = new byte[2 + octets];
        (header[0], header[1]) = (Sequence, (byte)(0x80 | octets));
        for (var i = 0; i < octets; i++)
        {
            header[^(i + 1)] = (byte)(contentLength >> (8 * i));
        }

        return header;
    }

    private static int Digits(Span<byte> destination, int value)
    {
        Utf8Formatter.TryFormat(value, destination, out var written, new System.Buffers.StandardFormat('D', 2));
        return written;
    }
}
