using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Sources.Est;

/// <summary>
/// Reads the certs-only CMS message in which an EST server answers (RFC 7030 §4.1.3, RFC 5652 §5.1): a <c>SignedData</c> without content or
/// signatures, which is nothing but a bag of certificates. Nothing in it is believed for being there.
/// </summary>
internal static class CertsOnlyMessage
{
    /// <summary>The largest message taken, as base64: a handful of certificates has some kilobytes.</summary>
    public const int MaxLength = 256 * 1024;

    private const string SignedData = "1.2.840.113549.1.7.2";
    private static readonly Asn1Tag Explicit0 = new(TagClass.ContextSpecific, 0, isConstructed: true);

    /// <summary>Reads the certificates; null when it is no such message. CMS is BER, so that is what is read; each certificate is DER.</summary>
    public static IReadOnlyList<ParsedCertificate>? TryRead(ReadOnlyMemory<byte> base64)
    {
        try
        {
            // White space may stand anywhere in it (RFC 8951 §3.1).
            var message = Convert.FromBase64String(System.Text.Encoding.Latin1.GetString(base64.Span));
            return Read(new AsnReader(message, AsnEncodingRules.BER));
        }
        catch (Exception exception) when (exception is FormatException or AsnContentException)
        {
            return null;
        }
    }

    private static List<ParsedCertificate> Read(AsnReader document)
    {
        var contentInfo = document.ReadSequence();
        document.ThrowIfNotEmpty();
        if (contentInfo.ReadObjectIdentifier() != SignedData)
        {
            throw new AsnContentException("no SignedData");
        }

        var content = contentInfo.ReadSequence(Explicit0);
        contentInfo.ThrowIfNotEmpty();
        var signedData = content.ReadSequence();
        content.ThrowIfNotEmpty();

        // Version, digest algorithms and the absent content say nothing that matters here.
        signedData.ReadInteger();
        signedData.ReadSetOf();
        signedData.ReadSequence();
        return signedData.HasData && signedData.PeekTag().HasSameClassAndValue(Explicit0)
            ? ReadCertificates(signedData.ReadSetOf(skipSortOrderValidation: true, Explicit0))
            : [];
    }

    private static List<ParsedCertificate> ReadCertificates(AsnReader set)
    {
        var certificates = new List<ParsedCertificate>();
        while (set.HasData)
        {
            var rawData = set.ReadEncodedValue();
            if (certificates.Count == PresentedChain.MaxCertificates)
            {
                throw new AsnContentException("too many certificates");
            }

            certificates.Add(ParsedCertificate.TryParse(rawData, out var certificate, out var error) ? certificate : throw new AsnContentException(error));
        }

        return certificates;
    }
}
