using System.Formats.Asn1;

namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>The extensions of a response or of one of its entries (RFC 6960 §4.4), of which only the nonce means something to us.</summary>
/// <param name="Nonce">The nonce; null when there is none.</param>
internal sealed record OcspExtensions(ReadOnlyMemory<byte>? Nonce)
{
    private const int MaxExtensions = 32;

    /// <summary>Those of a response without any.</summary>
    public static OcspExtensions None { get; } = new(Nonce: null);

    /// <summary>Reads <c>[1] EXPLICIT Extensions</c> if it comes next.</summary>
    /// <exception cref="AsnContentException">An extension is malformed or stands twice.</exception>
    /// <exception cref="OcspException">One is critical and not known (RFC 6960 §4.4, RFC 5280 §4.2).</exception>
    /// <param name="reader">Where it may come next.</param>
    /// <param name="ofEntry">Whether they are an entry's and not the response's.</param>
    public static OcspExtensions ReadOptional(AsnReader reader, bool ofEntry)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, 1, isConstructed: true);
        if (!reader.HasData || !reader.PeekTag().HasSameClassAndValue(tag))
        {
            return None;
        }

        var outer = reader.ReadSequence(tag);
        var list = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var seen = new HashSet<string>();
        ReadOnlyMemory<byte>? nonce = null;
        do
        {
            var extension = list.ReadSequence();
            var oid = extension.ReadObjectIdentifier();
            var critical = extension.HasData && extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
            var value = extension.ReadOctetString();
            extension.ThrowIfNotEmpty();
            if (!seen.Add(oid) || seen.Count > MaxExtensions)
            {
                throw new AsnContentException($"extension {oid} occurs twice, or there are more than {MaxExtensions}");
            }

            if (critical && !IsKnown(oid) && !(ofEntry && oid == OcspOids.SignedCertificateTimestamps))
            {
                throw new OcspException($"unknown critical extension {oid} (RFC 5280 §4.2)");
            }

            nonce = oid == OcspOids.Nonce ? value : nonce;
        }
        while (list.HasData);

        return new OcspExtensions(nonce);
    }

    /// <summary>Extensions that change nothing of what a good, revoked or unknown means to us.</summary>
    private static bool IsKnown(string oid) => oid is OcspOids.Nonce or OcspOids.CrlReferences or OcspOids.ArchiveCutoff or OcspOids.ExtendedRevoke
        or OcspOids.ReasonCode or OcspOids.InvalidityDate;
}
