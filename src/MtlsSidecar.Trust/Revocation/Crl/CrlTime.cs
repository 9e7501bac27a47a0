using System.Formats.Asn1;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Reads a <c>Time</c> as RFC 5280 §5.1.2.4 narrows it: UTC, with seconds, without fractions.</summary>
internal static class CrlTime
{
    /// <summary>Whether a <c>Time</c> stands here.</summary>
    public static bool IsNext(ReadOnlySpan<byte> source)
        => !source.IsEmpty && source[0] is (byte)UniversalTagNumber.UtcTime or (byte)UniversalTagNumber.GeneralizedTime;

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
}
