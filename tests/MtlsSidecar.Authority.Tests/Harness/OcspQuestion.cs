using System.Formats.Asn1;
using MtlsSidecar.Authority.Revocation.Ocsp;

namespace MtlsSidecar.Authority.Tests.Harness;

/// <summary>OCSP requests in memory.</summary>
internal static class OcspQuestion
{
    /// <summary>Asks about one certificate, with SHA-1 as most clients do.</summary>
    public static byte[] About(LocalWorkload workload)
    {
        var issuer = workload.Issued.Issuer.Certificate;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(PublicKeyHash.Sha1Oid);
                writer.WriteNull();
            }

            writer.WriteOctetString(PublicKeyHash.Compute(PublicKeyHash.Sha1Oid, issuer.Subject.Span));
            writer.WriteOctetString(PublicKeyHash.Compute(PublicKeyHash.Sha1Oid, issuer.Platform.PublicKey.EncodedKeyValue.RawData));
            writer.WriteInteger(workload.Issued.Record.Serial.Octets);
        }

        return writer.Encode();
    }
}
