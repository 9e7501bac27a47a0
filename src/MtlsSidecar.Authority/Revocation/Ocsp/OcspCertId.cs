using System.Formats.Asn1;

namespace MtlsSidecar.Authority.Revocation.Ocsp;

/// <summary>About which certificate an OCSP request asks (RFC 6960 §4.1.1, <c>CertID</c>).</summary>
/// <param name="Encoded">As it stands in the request; the answer repeats it to the letter, as some clients demand.</param>
/// <param name="HashAlgorithm">The algorithm of both hashes.</param>
/// <param name="IssuerNameHash">The hash of the issuer's name.</param>
/// <param name="IssuerKeyHash">The hash of the issuer's key.</param>
/// <param name="Serial">The serial number's content octets.</param>
internal sealed record OcspCertId(
    ReadOnlyMemory<byte> Encoded, string HashAlgorithm, ReadOnlyMemory<byte> IssuerNameHash, ReadOnlyMemory<byte> IssuerKeyHash, ReadOnlyMemory<byte> Serial)
{
    /// <summary>RFC 5280 §4.1.2.2 allows twenty octets.</summary>
    private const int MaxSerialLength = 20;

    /// <summary>Reads a <c>CertID</c>.</summary>
    /// <exception cref="AsnContentException">It is none.</exception>
    public static OcspCertId Read(ReadOnlyMemory<byte> encoded)
    {
        var document = new AsnReader(encoded, AsnEncodingRules.DER);
        var fields = document.ReadSequence();
        document.ThrowIfNotEmpty();
        var algorithm = fields.ReadSequence();
        var oid = algorithm.ReadObjectIdentifier();
        if (algorithm.HasData)
        {
            algorithm.ReadNull();
        }

        algorithm.ThrowIfNotEmpty();
        var id = new OcspCertId(encoded, oid, fields.ReadOctetString(), fields.ReadOctetString(), fields.ReadIntegerBytes());
        fields.ThrowIfNotEmpty();
        return id.Serial.Length <= MaxSerialLength ? id : throw new AsnContentException("a serial number of too many octets");
    }
}
