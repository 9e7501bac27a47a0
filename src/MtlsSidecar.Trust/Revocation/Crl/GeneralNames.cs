using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths.Extensions;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Reads <c>GeneralNames</c> and compares them as RFC 5280 §7 says.</summary>
internal static class GeneralNames
{
    // Every name of a certificate's point is compared with every name of a CRL's: the product must stay small.
    private const int MaxNames = 64;

    /// <summary>Reads an encoded sequence of names.</summary>
    /// <exception cref="AsnContentException">It is none, or an endless one.</exception>
    public static List<GeneralName> Read(ReadOnlyMemory<byte> encoded) => ReadContent(DerValue.ReadSequence(encoded));

    /// <summary>Reads names until the reader's end.</summary>
    /// <exception cref="AsnContentException">There is none, or one is malformed, or there are too many.</exception>
    public static List<GeneralName> ReadContent(AsnReader sequence)
    {
        var names = new List<GeneralName>();
        while (sequence.HasData)
        {
            if (names.Count == MaxNames)
            {
                throw new AsnContentException($"more than {MaxNames} general names");
            }

            names.Add(GeneralName.Read(sequence));
        }

        return names.Count > 0 ? names : throw new AsnContentException("general names without a name");
    }

    /// <summary>Whether both are the same name. Forms that nothing is read of never match, which fails closed.</summary>
    public static bool AreEqual(GeneralName left, GeneralName right) => left.Kind == right.Kind && left.Kind switch
    {
        GeneralNameKind.DirectoryName => left.DirectoryName!.Equals(right.DirectoryName),
        GeneralNameKind.Uri => string.Equals(FoldUri(left.Text), FoldUri(right.Text), StringComparison.Ordinal),
        GeneralNameKind.DnsName => string.Equals(left.Text, right.Text, StringComparison.OrdinalIgnoreCase),
        GeneralNameKind.Rfc822Name => string.Equals(left.Text, right.Text, StringComparison.Ordinal),
        GeneralNameKind.IpAddress => left.Octets.Span.SequenceEqual(right.Octets.Span),
        _ => false,
    };

    /// <summary>Scheme and host are compared without regard to case, the rest exactly (RFC 5280 §7.4).</summary>
    private static string FoldUri(string uri)
    {
        var authority = uri.IndexOf("://", StringComparison.Ordinal);
        var path = authority < 0 ? -1 : uri.IndexOfAny(['/', '?', '#'], authority + 3);
        var end = path < 0 ? (authority < 0 ? 0 : uri.Length) : path;
        return string.Concat(uri[..end].ToUpperInvariant(), uri[end..]);
    }
}
