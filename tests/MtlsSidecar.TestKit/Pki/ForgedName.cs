using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.TestKit.Pki;

/// <summary>General names as a test spells them, well formed or not.</summary>
public static class ForgedName
{
    public static Action<AsnWriter> Email(string text) => writer => writer.WriteCharacterString(UniversalTagNumber.IA5String, text, Tag(1));

    public static Action<AsnWriter> Dns(string text) => writer => writer.WriteCharacterString(UniversalTagNumber.IA5String, text, Tag(2));

    public static Action<AsnWriter> Directory(string name) => writer =>
    {
        using (writer.PushSequence(Tag(4)))
        {
            writer.WriteEncodedValue(new X500DistinguishedName(name).RawData);
        }
    };

    public static Action<AsnWriter> Uri(string text) => writer => writer.WriteCharacterString(UniversalTagNumber.IA5String, text, Tag(6));

    public static Action<AsnWriter> Ip(params byte[] octets) => writer => writer.WriteOctetString(octets, Tag(7));

    public static Action<AsnWriter> Ip(string address) => Ip(IPAddress.Parse(address).GetAddressBytes());

    public static Action<AsnWriter> RegisteredId(string oid) => writer => writer.WriteObjectIdentifier(oid, Tag(8));

    /// <summary>Reads <c>dns:</c>, <c>email:</c>, <c>uri:</c>, <c>dir:</c>, <c>ip:</c> (an address, or octets in hexadecimal) or <c>rid:</c> with the text behind.</summary>
    public static Action<AsnWriter> Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var value = text[(colon + 1)..];
        return text[..colon] switch
        {
            "dns" => Dns(value),
            "email" => Email(value),
            "uri" => Uri(value),
            "dir" => Directory(value),
            "ip" when IPAddress.TryParse(value, out _) => Ip(value),
            "ip" => Ip(Convert.FromHexString(value)),
            "rid" => RegisteredId(value),
            _ => throw new FormatException(text),
        };
    }

    private static Asn1Tag Tag(int form) => new(TagClass.ContextSpecific, form);
}
