using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Signatures;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>
/// Reads OCSP responses strictly (RFC 6960 §4.2.1): DER to the last byte, bounded, and nothing critical skipped. Whatever the input, the
/// outcome is a response or an <see cref="OcspException"/>. Signatures are not verified here.
/// </summary>
internal static class OcspResponseReader
{
    /// <summary>A longer response is refused unread: one entry with one certificate takes about 1 KB.</summary>
    public const int MaxLength = 64 * 1024;

    private const int MaxEntries = 64;
    private const int MaxCertificates = 8;
    private static readonly Asn1Tag Explicit0 = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag Good = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Revoked = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly Asn1Tag Unknown = new(TagClass.ContextSpecific, 2);

    /// <summary>Reads a response.</summary>
    /// <param name="der">DER of exactly one response. The memory must not change afterwards.</param>
    /// <exception cref="OcspException">It says that there is no answer, or is not usable.</exception>
    public static OcspResponse Read(ReadOnlyMemory<byte> der)
    {
        if (der.Length > MaxLength)
        {
            throw new OcspException($"response of {der.Length} bytes is larger than {MaxLength}");
        }

        try
        {
            return ReadBasicResponse(ReadResponseBytes(der));
        }
        catch (AsnContentException exception)
        {
            throw new OcspException("malformed response: " + exception.Message, exception);
        }
    }

    /// <summary>Reads <c>OCSPResponse</c>.</summary>
    private static byte[] ReadResponseBytes(ReadOnlyMemory<byte> der)
    {
        var document = new AsnReader(der, AsnEncodingRules.DER);
        var response = document.ReadSequence();
        document.ThrowIfNotEmpty();
        var status = ReadSmallEnumeration(response);
        if (status != (int)OcspResponseStatus.Successful)
        {
            throw new OcspException(Enum.IsDefined((OcspResponseStatus)status) ? $"the responder answered {(OcspResponseStatus)status}" : $"unknown response status {status}");
        }

        var outer = response.ReadSequence(Explicit0);
        response.ThrowIfNotEmpty();
        var responseBytes = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var type = responseBytes.ReadObjectIdentifier();
        if (type != OcspOids.BasicResponse)
        {
            throw new OcspException($"response type {type} is not the basic one (RFC 6960 §4.2.1)");
        }

        var content = responseBytes.ReadOctetString();
        responseBytes.ThrowIfNotEmpty();
        return content;
    }

    private static OcspResponse ReadBasicResponse(ReadOnlyMemory<byte> der)
    {
        var document = new AsnReader(der, AsnEncodingRules.DER);
        var basic = document.ReadSequence();
        document.ThrowIfNotEmpty();
        var signedData = basic.PeekEncodedValue();
        var data = basic.ReadSequence();
        var algorithm = basic.ReadEncodedValue();
        var signature = basic.ReadBitString(out var unusedBits);
        var certificates = basic.HasData ? ReadCertificates(basic) : [];
        basic.ThrowIfNotEmpty();
        if (unusedBits != 0)
        {
            throw new AsnContentException("the signature is not whole octets");
        }

        if (!SignatureAlgorithm.TryRead(algorithm, out var scheme))
        {
            throw new OcspException("signature algorithm is malformed or never accepted");
        }

        ReadVersion(data);
        var responderId = OcspResponderId.Read(data);
        ReadTime(data);
        var entries = ReadEntries(data.ReadSequence());
        var extensions = OcspExtensions.ReadOptional(data, ofEntry: false);
        data.ThrowIfNotEmpty();
        return new OcspResponse
        {
            ResponderId = responderId,
            Entries = entries,
            Nonce = extensions.Nonce,
            SignedData = signedData,
            Algorithm = scheme,
            Signature = signature,
            Certificates = certificates,
        };
    }

    /// <summary>Version 1 is the only one. DER leaves it out as the default; some responders write it, which is unambiguous.</summary>
    private static void ReadVersion(AsnReader data)
    {
        if (!data.PeekTag().HasSameClassAndValue(Explicit0))
        {
            return;
        }

        var outer = data.ReadSequence(Explicit0);
        if (!outer.TryReadInt32(out var version) || version != 0)
        {
            throw new AsnContentException("version is not v1");
        }

        outer.ThrowIfNotEmpty();
    }

    private static List<OcspSingleResponse> ReadEntries(AsnReader list)
    {
        var entries = new List<OcspSingleResponse>();
        while (list.HasData)
        {
            if (entries.Count == MaxEntries)
            {
                throw new AsnContentException($"more than {MaxEntries} certificates answered for");
            }

            entries.Add(ReadEntry(list.ReadSequence()));
        }

        return entries;
    }

    private static OcspSingleResponse ReadEntry(AsnReader fields)
    {
        var certId = OcspCertId.Read(fields);
        var (status, reason) = ReadStatus(fields);
        var thisUpdate = ReadTime(fields);
        DateTimeOffset? nextUpdate = null;
        if (fields.HasData && fields.PeekTag().HasSameClassAndValue(Explicit0))
        {
            var outer = fields.ReadSequence(Explicit0);
            nextUpdate = ReadTime(outer);
            outer.ThrowIfNotEmpty();
        }

        OcspExtensions.ReadOptional(fields, ofEntry: true);
        fields.ThrowIfNotEmpty();
        return nextUpdate < thisUpdate
            ? throw new OcspException("nextUpdate lies before thisUpdate")
            : new OcspSingleResponse(certId, status, reason, thisUpdate, nextUpdate);
    }

    private static (RevocationStatus Status, string Reason) ReadStatus(AsnReader fields)
    {
        var tag = fields.PeekTag();
        if (tag.HasSameClassAndValue(Good))
        {
            fields.ReadNull(Good);
            return (RevocationStatus.Good, "");
        }

        if (tag.HasSameClassAndValue(Unknown))
        {
            fields.ReadNull(Unknown);
            return (RevocationStatus.Unknown, "");
        }

        var revoked = fields.ReadSequence(Revoked);
        ReadTime(revoked);
        var reason = (int)CrlReason.Unspecified;
        if (revoked.HasData)
        {
            var outer = revoked.ReadSequence(Explicit0);
            reason = ReadSmallEnumeration(outer);
            outer.ThrowIfNotEmpty();
        }

        revoked.ThrowIfNotEmpty();

        // Whatever the reason: an unknown one is still a revocation.
        return (RevocationStatus.Revoked, reason is >= 0 and <= byte.MaxValue && Enum.IsDefined((CrlReason)reason) ? ((CrlReason)reason).ToString() : $"reason {reason}");
    }

    private static List<ParsedCertificate> ReadCertificates(AsnReader basic)
    {
        var outer = basic.ReadSequence(Explicit0);
        var list = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var certificates = new List<ParsedCertificate>();
        for (var count = 0; list.HasData; count++)
        {
            if (count == MaxCertificates)
            {
                throw new AsnContentException($"more than {MaxCertificates} certificates");
            }

            if (ParsedCertificate.TryParse(list.ReadEncodedValue(), out var certificate, out _))
            {
                certificates.Add(certificate);
            }
        }

        return certificates;
    }

    private static int ReadSmallEnumeration(AsnReader reader)
        => reader.ReadEnumeratedBytes().Span is [var value] ? value : throw new AsnContentException("an enumeration out of range");

    /// <summary>RFC 6960 §4.2.2.1 by way of RFC 5280 §4.1.2.5.2: UTC, with seconds, without fractions.</summary>
    private static DateTimeOffset ReadTime(AsnReader reader)
    {
        var time = reader.ReadGeneralizedTime();
        return time.Ticks % TimeSpan.TicksPerSecond == 0 ? time : throw new AsnContentException("a time with fractions of a second");
    }
}
