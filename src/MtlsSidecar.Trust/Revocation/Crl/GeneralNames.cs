using System.Formats.Asn1;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Reads <c>GeneralNames</c> (RFC 5280 §4.2.1.6).</summary>
internal static class GeneralNames
{
    private const int MaxNames = 64;
    private const int DirectoryNameTag = 4;
    private const int UriTag = 6;
    private const int LastTag = 8;

    /// <summary>Reads an encoded sequence of names.</summary>
    /// <exception cref="AsnContentException">It is none, or an endless one.</exception>
    public static List<GeneralName> Read(ReadOnlyMemory<byte> encoded)
    {
        var reader = new AsnReader(encoded, AsnEncodingRules.DER);
        var sequence = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        return ReadContent(sequence);
    }

    /// <summary>Reads names until the reader's end.</summary>
    /// <exception cref="AsnContentException">There is none, or one is malformed.</exception>
    public static List<GeneralName> ReadContent(AsnReader sequence)
    {
        var names = new List<GeneralName>();
        while (sequence.HasData)
        {
            if (names.Count == MaxNames)
            {
                throw new AsnContentException($"more than {MaxNames} general names");
            }

            names.Add(ReadOne(sequence));
        }

        return names.Count > 0 ? names : throw new AsnContentException("general names without a name");
    }

    private static GeneralName ReadOne(AsnReader sequence)
    {
        var tag = sequence.PeekTag();
        if (tag.TagClass != TagClass.ContextSpecific || tag.TagValue > LastTag)
        {
            throw new AsnContentException("no general name");
        }

        switch (tag.TagValue)
        {
            case DirectoryNameTag:
                var outer = sequence.ReadSequence(tag);
                var name = NameKey.Read(outer.ReadEncodedValue());
                outer.ThrowIfNotEmpty();
                return GeneralName.Of(name);
            case UriTag:
                var uri = sequence.ReadCharacterString(UniversalTagNumber.IA5String, tag);
                return new GeneralName("6:" + FoldUri(uri), null, uri);
            default:
                return new GeneralName(Convert.ToHexString(sequence.ReadEncodedValue().Span), null, null);
        }
    }

    /// <summary>Scheme and host are compared without regard to case, the rest exactly (RFC 5280 §7.4).</summary>
    private static string FoldUri(string uri)
    {
        var authority = uri.IndexOf("://", StringComparison.Ordinal);
        var path = authority < 0 ? -1 : uri.IndexOfAny(['/', '?', '#'], authority + 3);
        var end = path < 0 ? (authority < 0 ? 0 : uri.Length) : path;
        return string.Concat(uri[..end].ToUpperInvariant(), uri[end..]);
    }
}
