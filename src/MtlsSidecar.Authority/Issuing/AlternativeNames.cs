using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.Authority.Issuing;

/// <summary>
/// Writes subject alternative names (RFC 5280 §4.2.1.6). A URI is written letter for letter: the platform's builder would pass it through
/// <see cref="Uri"/>, which rewrites some, and a SPIFFE ID has one spelling only.
/// </summary>
internal static class AlternativeNames
{
    private const string Oid = "2.5.29.17";
    private static readonly Asn1Tag DnsTag = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);
    private static readonly Asn1Tag AddressTag = new(TagClass.ContextSpecific, 7);

    /// <summary>Builds the extension.</summary>
    public static X509Extension Build(string uri, IEnumerable<string> dnsNames, IEnumerable<IPAddress> addresses)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteCharacterString(UniversalTagNumber.IA5String, uri, UriTag);
            foreach (var name in dnsNames)
            {
                writer.WriteCharacterString(UniversalTagNumber.IA5String, name, DnsTag);
            }

            foreach (var address in addresses)
            {
                writer.WriteOctetString(address.GetAddressBytes(), AddressTag);
            }
        }

        return new X509Extension(Oid, writer.Encode(), critical: false);
    }
}
