using System.Formats.Asn1;
using System.Globalization;
using System.Text;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// A distinguished name in a form in which equal names are equal strings (RFC 5280 §7.1): case folded, white space trimmed and collapsed,
/// whatever string type it is written in. Other attribute values are compared octet by octet.
/// </summary>
/// <remarks>Unicode is not brought into a normal form: names that differ only there don't match, which fails closed.</remarks>
internal readonly record struct NameKey(string Value)
{
    /// <summary>Reads a <c>Name</c>.</summary>
    /// <exception cref="AsnContentException">It is none.</exception>
    public static NameKey Read(ReadOnlyMemory<byte> name)
    {
        var text = new StringBuilder();
        var outer = new AsnReader(name, AsnEncodingRules.DER);
        var sequence = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        while (sequence.HasData)
        {
            AppendRelativeName(text, sequence.ReadSetOf(skipSortOrderValidation: true));
        }

        return new NameKey(text.ToString());
    }

    /// <summary>The name that one more relative name makes of this one (<c>nameRelativeToCRLIssuer</c>).</summary>
    public NameKey Append(AsnReader relativeName)
    {
        var text = new StringBuilder(Value);
        AppendRelativeName(text, relativeName);
        return new NameKey(text.ToString());
    }

    private static void AppendRelativeName(StringBuilder text, AsnReader set)
    {
        var attributes = new List<string>(1);
        while (set.HasData)
        {
            var attribute = set.ReadSequence();
            var type = attribute.ReadObjectIdentifier();
            var value = attribute.ReadEncodedValue();
            attribute.ThrowIfNotEmpty();
            var folded = Fold(value);

            // With lengths in front no value can be made to look like two attributes.
            attributes.Add(string.Create(CultureInfo.InvariantCulture, $"{type}:{folded.Length}:{folded}"));
        }

        attributes.Sort(StringComparer.Ordinal);
        text.Append('/').AppendJoin('+', attributes);
    }

    private static string Fold(ReadOnlyMemory<byte> value)
    {
        if (Decode(value) is not { } decoded)
        {
            return "#" + Convert.ToHexString(value.Span);
        }

        var folded = new StringBuilder("=", decoded.Length + 1);
        foreach (var character in decoded)
        {
            if (!char.IsWhiteSpace(character))
            {
                folded.Append(char.ToUpperInvariant(character));
            }
            else if (folded.Length > 1 && folded[^1] != ' ')
            {
                folded.Append(' ');
            }
        }

        return folded.ToString().TrimEnd(' ');
    }

    private static string? Decode(ReadOnlyMemory<byte> value)
    {
        var reader = new AsnReader(value, AsnEncodingRules.DER);
        var tag = reader.PeekTag();
        if (tag.TagClass != TagClass.Universal || (UniversalTagNumber)tag.TagValue is not (UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString
            or UniversalTagNumber.IA5String or UniversalTagNumber.T61String or UniversalTagNumber.BMPString or UniversalTagNumber.VisibleString))
        {
            return null;
        }

        try
        {
            return reader.ReadCharacterString((UniversalTagNumber)tag.TagValue);
        }
        catch (AsnContentException)
        {
            // Characters that the string type doesn't allow are common (an underscore in a PrintableString): compare the octets then.
            return null;
        }
    }
}
