using System.Formats.Asn1;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Reads the extensions that tell keys of one name apart.</summary>
internal static class KeyIdentifiers
{
    private static readonly Asn1Tag KeyIdentifier = new(TagClass.ContextSpecific, 0);

    /// <summary>The key identifier of an <c>authorityKeyIdentifier</c> (RFC 5280 §4.2.1.1); null when it names the key otherwise.</summary>
    /// <exception cref="AsnContentException">It is malformed.</exception>
    public static byte[]? ReadAuthorityKeyIdentifier(ReadOnlyMemory<byte> value)
    {
        var outer = new AsnReader(value, AsnEncodingRules.DER);
        var fields = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        byte[]? identifier = null;
        while (fields.HasData)
        {
            if (identifier is null && fields.PeekTag().HasSameClassAndValue(KeyIdentifier))
            {
                identifier = fields.ReadOctetString(KeyIdentifier);
            }
            else
            {
                fields.ReadEncodedValue();
            }
        }

        return identifier;
    }

    /// <summary>The value of a <c>subjectKeyIdentifier</c> (RFC 5280 §4.2.1.2).</summary>
    /// <exception cref="AsnContentException">It is malformed.</exception>
    public static byte[] ReadSubjectKeyIdentifier(ReadOnlyMemory<byte> value)
    {
        var reader = new AsnReader(value, AsnEncodingRules.DER);
        var identifier = reader.ReadOctetString();
        reader.ThrowIfNotEmpty();
        return identifier;
    }
}
