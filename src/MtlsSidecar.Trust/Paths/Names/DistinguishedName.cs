using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MtlsSidecar.Trust.Paths.Names;

/// <summary>
/// A distinguished name with the comparison of RFC 5280 §7.1: the case of letters, leading, trailing and repeated white space, the string
/// type and the order inside a multi-valued RDN make no difference.
/// </summary>
public sealed class DistinguishedName : IEquatable<DistinguishedName>
{
    private const string CommonName = "2.5.4.3";
    private const string EmailAddress = "1.2.840.113549.1.9.1";
    private readonly string[] _relativeNames;

    private DistinguishedName(ReadOnlyMemory<byte> rawData, string[] relativeNames, IReadOnlyList<string> emailAddresses)
    {
        RawData = rawData;
        _relativeNames = relativeNames;
        EmailAddresses = emailAddresses;
    }

    /// <summary>The name, DER.</summary>
    public ReadOnlyMemory<byte> RawData { get; }

    /// <summary>Whether the name has no part at all.</summary>
    public bool IsEmpty => _relativeNames.Length == 0;

    /// <summary>The values of <c>emailAddress</c> attributes, to which mailbox constraints apply as well.</summary>
    public IReadOnlyList<string> EmailAddresses { get; }

    /// <summary>Whether there is a common name.</summary>
    internal bool HasCommonName => Array.Exists(_relativeNames, relativeName => relativeName.Contains(CommonName + "=", StringComparison.Ordinal));

    /// <summary>Reads a name.</summary>
    /// <exception cref="AsnContentException">It is not a name.</exception>
    public static DistinguishedName Read(ReadOnlyMemory<byte> rawData)
    {
        var document = new AsnReader(rawData, AsnEncodingRules.DER);
        var sequence = document.ReadSequence();
        document.ThrowIfNotEmpty();
        var relativeNames = new List<string>();
        List<string>? emailAddresses = null;
        while (sequence.HasData)
        {
            // Skipping the sort check admits names that differ from DER only in the order inside a set, which comparison ignores anyway.
            var set = sequence.ReadSetOf(skipSortOrderValidation: true);
            var attributes = new List<string>(1);
            do
            {
                attributes.Add(ReadAttribute(set, ref emailAddresses));
            }
            while (set.HasData);

            attributes.Sort(StringComparer.Ordinal);
            relativeNames.Add(string.Concat(attributes));
        }

        return new DistinguishedName(rawData, [.. relativeNames], emailAddresses ?? []);
    }

    /// <summary>Whether this name is the other one or below it.</summary>
    public bool IsWithin(DistinguishedName ancestor)
        => _relativeNames.AsSpan().StartsWith(ancestor._relativeNames);

    /// <inheritdoc/>
    public bool Equals(DistinguishedName? other)
        => other is not null && (RawData.Span.SequenceEqual(other.RawData.Span) || _relativeNames.AsSpan().SequenceEqual(other._relativeNames));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DistinguishedName);

    /// <inheritdoc/>
    public override int GetHashCode() => _relativeNames.Length == 0 ? 0 : HashCode.Combine(_relativeNames.Length, _relativeNames[^1]);

    /// <summary>The name for people.</summary>
    public override string ToString() => Describe(RawData);

    /// <summary>A name for people; one that the platform can't print is shown as hexadecimal, as it may come from a hostile peer.</summary>
    internal static string Describe(ReadOnlyMemory<byte> rawData)
    {
        try
        {
            return new X500DistinguishedName(rawData.Span).Name;
        }
        catch (CryptographicException)
        {
            return "#" + Convert.ToHexString(rawData.Span[..Math.Min(rawData.Length, 64)]);
        }
    }

    private static string ReadAttribute(AsnReader set, ref List<string>? emailAddresses)
    {
        var attribute = set.ReadSequence();
        var type = attribute.ReadObjectIdentifier();
        var value = attribute.ReadEncodedValue();
        attribute.ThrowIfNotEmpty();
        if (DecodeText(value) is not { } text)
        {
            return Describe(type, '#', Convert.ToHexString(value.Span));
        }

        if (type == EmailAddress)
        {
            (emailAddresses ??= []).Add(text);
        }

        return Describe(type, '=', Fold(text));
    }

    /// <summary>Lengths are part of the text so that no value can imitate another attribute beside it.</summary>
    private static string Describe(string type, char kind, string value) => $"{type}{kind}{value.Length}:{value}";

    /// <summary>
    /// Decodes by the octets, not by the alphabet of the type: an <c>@</c> in a PrintableString is common in the field, and a name compared
    /// as binary for such a flaw could slip past an excluded subtree.
    /// </summary>
    private static string? DecodeText(ReadOnlyMemory<byte> value)
    {
        var tag = AsnDecoder.ReadEncodedValue(value.Span, AsnEncodingRules.DER, out var offset, out var length, out _);
        var content = value.Span.Slice(offset, length);
        if (tag.TagClass != TagClass.Universal || tag.IsConstructed)
        {
            return null;
        }

        try
        {
            return (UniversalTagNumber)tag.TagValue switch
            {
                UniversalTagNumber.UTF8String => StrictText.Utf8.GetString(content),
                UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String or UniversalTagNumber.VisibleString
                    or UniversalTagNumber.NumericString or UniversalTagNumber.T61String => Encoding.Latin1.GetString(content),
                UniversalTagNumber.BMPString => StrictText.Utf16.GetString(content),
                UniversalTagNumber.UniversalString => StrictText.Utf32.GetString(content),
                _ => null,
            };
        }
        catch (DecoderFallbackException exception)
        {
            throw new AsnContentException("a name holds text that is not of its type", exception);
        }
    }

    private static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            if (!char.IsWhiteSpace(character))
            {
                folded.Append(char.ToLowerInvariant(character));
            }
            else if (folded.Length > 0 && folded[^1] != ' ')
            {
                folded.Append(' ');
            }
        }

        return folded.ToString().TrimEnd(' ');
    }

    private static class StrictText
    {
        public static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);
        public static readonly UnicodeEncoding Utf16 = new(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true);
        public static readonly UTF32Encoding Utf32 = new(bigEndian: true, byteOrderMark: false, throwOnInvalidCharacters: true);
    }
}
