using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>Who says to have signed a response (<c>ResponderID</c>, RFC 6960 §4.2.1): by name or by the SHA-1 hash of the key. One of the two is null.</summary>
/// <param name="Name">The subject of the signer's certificate.</param>
/// <param name="KeyHash">The hash of the signer's key bits.</param>
internal sealed record OcspResponderId(DistinguishedName? Name, ReadOnlyMemory<byte>? KeyHash)
{
    private const int Sha1Length = 20;
    private static readonly Asn1Tag NameTag = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly Asn1Tag KeyTag = new(TagClass.ContextSpecific, 2, isConstructed: true);

    /// <summary>Reads one.</summary>
    /// <exception cref="AsnContentException">It is none.</exception>
    public static OcspResponderId Read(AsnReader reader)
    {
        if (reader.PeekTag().HasSameClassAndValue(NameTag))
        {
            var byName = reader.ReadSequence(NameTag);
            var name = DistinguishedName.Read(byName.ReadEncodedValue());
            byName.ThrowIfNotEmpty();
            return new OcspResponderId(name, null);
        }

        var byKey = reader.ReadSequence(KeyTag);
        var hash = byKey.ReadOctetString();
        byKey.ThrowIfNotEmpty();
        return hash.Length == Sha1Length ? new OcspResponderId(null, hash) : throw new AsnContentException("a key hash that is not SHA-1 (RFC 6960 §4.2.1)");
    }

    /// <summary>Whether that certificate's subject or key is meant. What can't be read is nobody.</summary>
    public bool Names(ParsedCertificate certificate)
    {
        try
        {
            return Name is not null ? certificate.SubjectName.Equals(Name) : PublicKeyBits.Sha1(PublicKeyBits.Of(certificate)).AsSpan().SequenceEqual(KeyHash!.Value.Span);
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    /// <summary>For people.</summary>
    public override string ToString() => Name?.ToString() ?? "key " + Convert.ToHexString(KeyHash!.Value.Span);
}
