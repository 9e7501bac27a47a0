using System.Formats.Asn1;

namespace MtlsSidecar.Trust.Paths.Extensions;

/// <summary>A hint at the issuer's key (RFC 5280 §4.2.1.1). It orders candidates and never decides: only a signature does.</summary>
/// <param name="KeyIdentifier">The issuer's subject key identifier; null when absent.</param>
public sealed record AuthorityKeyIdentifier(ReadOnlyMemory<byte>? KeyIdentifier)
{
    private static readonly Asn1Tag KeyIdentifierTag = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag IssuerTag = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly Asn1Tag SerialNumberTag = new(TagClass.ContextSpecific, 2);

    internal static AuthorityKeyIdentifier Read(ReadOnlyMemory<byte> value)
    {
        var sequence = DerValue.ReadSequence(value);
        var keyIdentifier = sequence.HasData && sequence.PeekTag() == KeyIdentifierTag
            ? sequence.ReadOctetString(KeyIdentifierTag)
            : default(ReadOnlyMemory<byte>?);
        if (sequence.HasData && sequence.PeekTag() == IssuerTag)
        {
            sequence.ReadEncodedValue();
        }

        if (sequence.HasData && sequence.PeekTag() == SerialNumberTag)
        {
            sequence.ReadEncodedValue();
        }

        sequence.ThrowIfNotEmpty();
        return new AuthorityKeyIdentifier(keyIdentifier);
    }
}
