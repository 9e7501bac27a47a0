using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;

namespace MtlsSidecar.Authority.Revocation.Ocsp;

/// <summary>
/// Reads OCSP requests strictly (RFC 6960 §4.1) in the form of RFC 5019 §2.1: about one certificate. Signatures and extensions of requests,
/// nonces among them, are passed over: answers are signed ahead and serve everybody.
/// </summary>
internal static class OcspRequest
{
    /// <summary>A larger request is refused unread.</summary>
    public const int MaxLength = 4 * 1024;

    private static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag Context1 = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly Asn1Tag Context2 = new(TagClass.ContextSpecific, 2, isConstructed: true);

    /// <summary>Reads a request; false for anything else.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> der, [NotNullWhen(true)] out OcspCertId? id)
    {
        id = null;
        if (der.Length > MaxLength)
        {
            return false;
        }

        try
        {
            id = Read(der);
        }
        catch (AsnContentException)
        {
            id = null;
        }

        return id is not null;
    }

    private static OcspCertId? Read(ReadOnlyMemory<byte> der)
    {
        var document = new AsnReader(der, AsnEncodingRules.DER);
        var outer = document.ReadSequence();
        document.ThrowIfNotEmpty();
        var request = outer.ReadSequence();
        Skip(outer, Context0);
        outer.ThrowIfNotEmpty();

        Skip(request, Context0);
        Skip(request, Context1);
        var list = request.ReadSequence();
        Skip(request, Context2);
        request.ThrowIfNotEmpty();

        var single = list.ReadSequence();
        if (list.HasData)
        {
            return null;
        }

        var id = OcspCertId.Read(single.ReadEncodedValue());
        Skip(single, Context0);
        single.ThrowIfNotEmpty();
        return id;
    }

    private static void Skip(AsnReader reader, Asn1Tag tag)
    {
        if (reader.HasData && reader.PeekTag() == tag)
        {
            reader.ReadEncodedValue();
        }
    }
}
