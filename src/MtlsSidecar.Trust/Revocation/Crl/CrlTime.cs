using System.Formats.Asn1;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Reads a <c>Time</c> as RFC 5280 §5.1.2.4 narrows it: UTC, with seconds, without fractions.</summary>
internal static class CrlTime
{
    private const byte UtcTimeLength = 13;

    /// <summary>Whether a <c>Time</c> stands here.</summary>
    public static bool IsNext(ReadOnlySpan<byte> source)
        => !source.IsEmpty && source[0] is (byte)UniversalTagNumber.UtcTime or (byte)UniversalTagNumber.GeneralizedTime;

    /// <summary>Checks one without making a date of it, where there may be millions.</summary>
    /// <exception cref="AsnContentException">It is none.</exception>
    public static void ThrowIfMalformed(ReadOnlySpan<byte> source)
    {
        if (source is [(byte)UniversalTagNumber.UtcTime, UtcTimeLength, .., (byte)'Z'] && source.Length == 2 + UtcTimeLength
            && !source[2..^1].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            var year = TwoDigits(source, 2);
            var month = TwoDigits(source, 4);
            if (month is >= 1 and <= 12
                && TwoDigits(source, 6) is >= 1 and var day && day <= DateTime.DaysInMonth(2000 + year, month)
                && TwoDigits(source, 8) < 24 && TwoDigits(source, 10) < 60 && TwoDigits(source, 12) < 60)
            {
                return;
            }
        }

        Read(source, out _);
    }

    /// <summary>Reads it. A GeneralizedTime before 2050 is accepted although the RFC asks authorities for a UTCTime there: it is unambiguous.</summary>
    /// <exception cref="AsnContentException">It is none.</exception>
    public static DateTimeOffset Read(ReadOnlySpan<byte> source, out int consumed)
    {
        if (source.IsEmpty || source[0] != (byte)UniversalTagNumber.GeneralizedTime)
        {
            return AsnDecoder.ReadUtcTime(source, AsnEncodingRules.DER, out consumed);
        }

        var time = AsnDecoder.ReadGeneralizedTime(source, AsnEncodingRules.DER, out consumed);
        return time.Ticks % TimeSpan.TicksPerSecond == 0 ? time : throw new AsnContentException("a time with fractions of a second");
    }

    private static int TwoDigits(ReadOnlySpan<byte> source, int index) => ((source[index] - '0') * 10) + source[index + 1] - '0';
}
