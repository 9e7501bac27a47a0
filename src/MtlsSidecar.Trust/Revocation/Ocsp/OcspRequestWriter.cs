using System.Formats.Asn1;

namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>Writes requests about one certificate, unsigned and in the smallest form (RFC 5019 §2.1.1).</summary>
internal static class OcspRequestWriter
{
    private static readonly Asn1Tag ExtensionsTag = new(TagClass.ContextSpecific, 2, isConstructed: true);

    /// <summary>Writes a request.</summary>
    /// <param name="certId">The certificate.</param>
    /// <param name="nonce">What the response must repeat (RFC 9654); null, as usual, for a response that may be made in advance.</param>
    public static byte[] Write(OcspCertId certId, ReadOnlyMemory<byte>? nonce)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            using (writer.PushSequence())
            {
                certId.Write(writer);
            }

            if (nonce is { } value)
            {
                WriteNonce(writer, value.Span);
            }
        }

        return writer.Encode();
    }

    private static void WriteNonce(AsnWriter writer, ReadOnlySpan<byte> nonce)
    {
        var inner = new AsnWriter(AsnEncodingRules.DER);
        inner.WriteOctetString(nonce);
        using (writer.PushSequence(ExtensionsTag))
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(OcspOids.Nonce);
            writer.WriteOctetString(inner.Encode());
        }
    }
}
