using System.Formats.Asn1;
using System.Globalization;
using System.Text;

namespace MtlsSidecar.Proxy.Inbound.Headers;

/// <summary>
/// A distinguished name in the form of RFC 2253 as OpenSSL, and so Envoy, prints it: last attribute first, OpenSSL's short names, everything
/// outside printable ASCII as hexadecimal pairs. Unlike there, a quote and a backslash are hexadecimal pairs too, which RFC 2253 §2.4
/// allows: inside the quotes of a header <c>\\"</c> is read differently by different parsers.
/// </summary>
internal static class DistinguishedNameText
{
    // A name is bounded by the certificate's 64 KiB, which is more than an application accepts as a header.
    private const int MaxLength = 4096;

    /// <summary>Prints the name; empty for one that can't be read or is longer than 4096 characters.</summary>
    /// <param name="name">DER of a <c>Name</c> (RFC 5280 §4.1.2.4).</param>
    public static string Format(ReadOnlyMemory<byte> name)
    {
        try
        {
            var relativeNames = ReadRelativeNames(name);
            relativeNames.Reverse();
            var text = string.Join(',', relativeNames);
            return text.Length <= MaxLength ? text : "";
        }
        catch (AsnContentException)
        {
            // The certificate was accepted by others than us; its subject names nobody by which we identify, so it is left out.
            return "";
        }
    }

    private static List<string> ReadRelativeNames(ReadOnlyMemory<byte> name)
    {
        var relativeNames = new List<string>();
        var sequence = new AsnReader(name, AsnEncodingRules.DER).ReadSequence();
        while (sequence.HasData)
        {
            // Multi-valued sets are printed as they stand; BER order of SET OF is of no concern here.
            var set = sequence.ReadSetOf(skipSortOrderValidation: true);
            var attributes = new List<string>();
            while (set.HasData)
            {
                var attribute = set.ReadSequence();
                var type = attribute.ReadObjectIdentifier();
                attributes.Add(FormatAttribute(type, attribute.ReadEncodedValue()));
            }

            attributes.Reverse();
            relativeNames.Add(string.Join('+', attributes));
        }

        return relativeNames;
    }

    private static string FormatAttribute(string type, ReadOnlyMemory<byte> value)
    {
        // RFC 2253 §2.4: a type without a name has its value as the hexadecimal of its encoding.
        return ShortName(type) is { } shortName && TryReadText(value) is { } text
            ? $"{shortName}={Escape(text)}"
            : $"{ShortName(type) ?? type}=#{Convert.ToHexString(value.Span)}";
    }

    private static string? TryReadText(ReadOnlyMemory<byte> value)
    {
        var reader = new AsnReader(value, AsnEncodingRules.DER);
        var tag = reader.PeekTag();
        return tag.TagClass == TagClass.Universal && (UniversalTagNumber)tag.TagValue is UniversalTagNumber.UTF8String
            or UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String or UniversalTagNumber.NumericString
            or UniversalTagNumber.VisibleString or UniversalTagNumber.T61String or UniversalTagNumber.BMPString
            ? reader.ReadCharacterString((UniversalTagNumber)tag.TagValue)
            : null;
    }

    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < bytes.Length; i++)
        {
            var character = (char)bytes[i];
            var needsPair = character is < ' ' or > '~' or '"' or '\\';
            var needsBackslash = character is ',' or '+' or '<' or '>' or ';'
                || (character == '#' && i == 0)
                || (character == ' ' && (i == 0 || i == bytes.Length - 1));
            if (needsPair)
            {
                escaped.Append('\\').Append(bytes[i].ToString("X2", CultureInfo.InvariantCulture));
            }
            else
            {
                escaped.Append(needsBackslash ? "\\" : "").Append(character);
            }
        }

        return escaped.ToString();
    }

    private static string? ShortName(string type) => type switch
    {
        "2.5.4.3" => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "street",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.13" => "description",
        "2.5.4.15" => "businessCategory",
        "2.5.4.17" => "postalCode",
        "2.5.4.41" => "name",
        "2.5.4.42" => "GN",
        "2.5.4.43" => "initials",
        "2.5.4.44" => "generationQualifier",
        "2.5.4.46" => "dnQualifier",
        "2.5.4.65" => "pseudonym",
        "2.5.4.97" => "organizationIdentifier",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        _ => null,
    };
}
