using System.Formats.Asn1;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Authority.Revocation.Ocsp;

/// <summary>Writes OCSP responses (RFC 6960 §4.2).</summary>
internal static class OcspResponseWriter
{
    private const string BasicResponse = "1.3.6.1.5.5.7.48.1.1";
    private static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Context2 = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag Constructed0 = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag Constructed1 = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly Asn1Tag Constructed2 = new(TagClass.ContextSpecific, 2, isConstructed: true);

    /// <summary>A response that says nothing but why there is no answer; it is not signed (§2.3).</summary>
    public static byte[] Error(OcspResponseStatus status)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEnumeratedValue(status);
        }

        return writer.Encode();
    }

    /// <summary>A signed response about one certificate.</summary>
    public static byte[] Sign(OcspSigner signer, OcspCertId id, CertificateStatus status, (DateTimeOffset ThisUpdate, DateTimeOffset NextUpdate) times)
    {
        var data = ResponseData(signer, id, status, times);
        var basic = new AsnWriter(AsnEncodingRules.DER);
        using (basic.PushSequence())
        {
            basic.WriteEncodedValue(data);
            basic.WriteEncodedValue(CrlHeader.Algorithm());
            basic.WriteBitString(signer.Sign(data));
            using (basic.PushSequence(Constructed0))
            using (basic.PushSequence())
            {
                basic.WriteEncodedValue(signer.Issued.Record.Certificate);
            }
        }

        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEnumeratedValue(OcspResponseStatus.Successful);
            using (writer.PushSequence(Constructed0))
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(BasicResponse);
                writer.WriteOctetString(basic.Encode());
            }
        }

        return writer.Encode();
    }

    private static byte[] ResponseData(OcspSigner signer, OcspCertId id, CertificateStatus status, (DateTimeOffset ThisUpdate, DateTimeOffset NextUpdate) times)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(Constructed2))
            {
                writer.WriteOctetString(signer.KeyHash);
            }

            WriteTime(writer, times.ThisUpdate);
            using (writer.PushSequence())
            using (writer.PushSequence())
            {
                writer.WriteEncodedValue(id.Encoded.Span);
                WriteStatus(writer, status);
                WriteTime(writer, times.ThisUpdate);
                using (writer.PushSequence(Constructed0))
                {
                    WriteTime(writer, times.NextUpdate);
                }
            }
        }

        return writer.Encode();
    }

    /// <summary><c>CertStatus</c>: a number that we never gave is unknown, not good (§2.2).</summary>
    private static void WriteStatus(AsnWriter writer, CertificateStatus status)
    {
        switch (status)
        {
            case { IsKnown: false }:
                writer.WriteNull(Context2);
                break;
            case { Revocation: null }:
                writer.WriteNull(Context0);
                break;
            case { Revocation: { } revocation }:
                using (writer.PushSequence(Constructed1))
                {
                    WriteTime(writer, revocation.RevokedAt);
                    if (revocation.Reason != CrlReason.Unspecified)
                    {
                        using (writer.PushSequence(Constructed0))
                        {
                            writer.WriteEnumeratedValue(revocation.Reason);
                        }
                    }
                }

                break;
        }
    }

    private static void WriteTime(AsnWriter writer, DateTimeOffset time) => writer.WriteGeneralizedTime(time, omitFractionalSeconds: true);
}
