using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Net;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Identity;

/// <summary>Reads who a certificate names from its subject alternative names; the subject's common name never counts.</summary>
internal static class PeerIdentityReader
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private static readonly Asn1Tag DnsTag = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);
    private static readonly Asn1Tag IpTag = new(TagClass.ContextSpecific, 7);

    /// <summary>Reads the identity of a workload's certificate.</summary>
    public static bool TryRead(
        ParsedCertificate leaf,
        [NotNullWhen(true)] out PeerIdentity? identity,
        [NotNullWhen(false)] out PeerRejection? rejection)
    {
        (identity, rejection) = (null, null);
        List<string> uris = [], dnsNames = [];
        List<IPAddress> addresses = [];
        if (leaf.Extensions.TryGetValue(SubjectAlternativeName, out var extension))
        {
            var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                var tag = names.PeekTag();
                if (tag == UriTag)
                {
                    uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag));
                }
                else if (tag == DnsTag)
                {
                    dnsNames.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, DnsTag).ToLowerInvariant());
                }
                else if (tag == IpTag)
                {
                    addresses.Add(new IPAddress(names.ReadOctetString(IpTag)));
                }
                else
                {
                    names.ReadEncodedValue();
                }
            }
        }

        if (uris.Count > 1)
        {
            rejection = new PeerRejection(RejectionReason.IdentityAmbiguous, $"{uris.Count} URI names", "SPIFFE X.509-SVID §2");
            return false;
        }

        SpiffeId? id = null;
        if (uris is [var uri])
        {
            if (!SpiffeId.TryParse(uri, out var parsed) || parsed.Path.Length == 0)
            {
                rejection = new PeerRejection(RejectionReason.IdentityMissing, "the URI name is not a workload's SPIFFE ID", "SPIFFE X.509-SVID §2");
                return false;
            }

            id = parsed;
        }

        if (id is null && dnsNames.Count == 0 && addresses.Count == 0)
        {
            rejection = new PeerRejection(RejectionReason.IdentityMissing, "no subject alternative name that counts", "SPIFFE X.509-SVID §2");
            return false;
        }

        identity = new PeerIdentity(id, dnsNames, addresses);
        return true;
    }
}
