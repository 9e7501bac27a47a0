using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Extensions;

namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>Where a certificate says that its responder is (RFC 5280 §4.2.2.1, RFC 6960 §3.1).</summary>
internal static class AuthorityInformationAccess
{
    private const int MaxDescriptions = 32;

    // Each may cost a time-out before the next is tried.
    private const int MaxUrls = 2;

    /// <summary>The http URLs of the certificate's responders, in their order; empty when it names none or can't be read: then nobody is asked.</summary>
    public static IReadOnlyList<string> OcspUrls(ParsedCertificate certificate)
    {
        if (!certificate.Extensions.TryGetValue(OcspOids.AuthorityInformationAccess, out var extension))
        {
            return [];
        }

        try
        {
            return [.. ReadUrls(extension.RawData).Where(url => url.StartsWith("http://", StringComparison.OrdinalIgnoreCase)).Take(MaxUrls)];
        }
        catch (AsnContentException)
        {
            return [];
        }
    }

    private static List<string> ReadUrls(ReadOnlyMemory<byte> value)
    {
        var urls = new List<string>();
        var descriptions = DerValue.ReadNonEmptySequence(value);
        for (var count = 0; descriptions.HasData && count < MaxDescriptions; count++)
        {
            var description = descriptions.ReadSequence();
            var method = description.ReadObjectIdentifier();
            var location = GeneralName.Read(description);
            description.ThrowIfNotEmpty();
            if (method == OcspOids.OcspAccess && location.Kind == GeneralNameKind.Uri)
            {
                urls.Add(location.Text);
            }
        }

        return urls;
    }
}
