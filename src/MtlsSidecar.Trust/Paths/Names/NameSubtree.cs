using System.Formats.Asn1;
using System.Net;
using MtlsSidecar.Trust.Paths.Extensions;

namespace MtlsSidecar.Trust.Paths.Names;

/// <summary>Which names lie inside a subtree of name constraints (RFC 5280 §4.2.1.10).</summary>
internal static class NameSubtree
{
    /// <summary>Whether constraints of this form can be applied. Others refuse every name of their form.</summary>
    public static bool IsSupported(GeneralNameKind kind)
        => kind is GeneralNameKind.DnsName or GeneralNameKind.Rfc822Name or GeneralNameKind.Uri or GeneralNameKind.IpAddress or GeneralNameKind.DirectoryName;

    /// <summary>Refuses a subtree whose meaning would have to be guessed.</summary>
    /// <exception cref="AsnContentException">The subtree's name is malformed.</exception>
    public static void ThrowIfMalformed(GeneralName subtree)
    {
        var wellFormed = subtree.Kind switch
        {
            // No leading period and no wildcard: those stand in other forms of constraints, not in this one.
            GeneralNameKind.DnsName => subtree.Text.Length == 0 || HostName.IsWellFormed(subtree.Text),
            GeneralNameKind.Uri => HostName.IsWellFormed(WithoutPeriod(subtree.Text)),
            GeneralNameKind.Rfc822Name => Mailbox.TryParse(subtree.Text, out _) || HostName.IsWellFormed(WithoutPeriod(subtree.Text)),
            GeneralNameKind.IpAddress => AddressRange.IsWellFormed(subtree.Octets.Span),
            _ => true,
        };
        if (!wellFormed)
        {
            throw new AsnContentException($"malformed name constraint {subtree}");
        }
    }

    /// <summary>Whether a name can be compared at all; a malformed one is neither inside nor outside of anything.</summary>
    public static bool IsComparable(GeneralName name) => name.Kind switch
    {
        GeneralNameKind.DnsName => HostName.IsWellFormed(WithoutWildcard(name.Text)),
        GeneralNameKind.Rfc822Name => Mailbox.TryParse(name.Text, out _),
        GeneralNameKind.Uri => TryGetHost(name.Text, out _),
        GeneralNameKind.IpAddress => name.Octets.Length is AddressRange.V4Length or AddressRange.V6Length,
        _ => true,
    };

    /// <summary>Whether every name that <paramref name="name"/> stands for is inside.</summary>
    public static bool Covers(GeneralName subtree, GeneralName name) => name.Kind switch
    {
        GeneralNameKind.DnsName => HostName.IsWithin(WithoutWildcard(name.Text), subtree.Text),
        GeneralNameKind.Rfc822Name => CoversMailbox(subtree.Text, name.Text),
        GeneralNameKind.Uri => CoversUri(subtree.Text, name.Text),
        GeneralNameKind.IpAddress => AddressRange.Contains(subtree.Octets.Span, name.Octets.Span),
        GeneralNameKind.DirectoryName => name.DirectoryName!.IsWithin(subtree.DirectoryName!),
        _ => false,
    };

    /// <summary>
    /// Whether any name that <paramref name="name"/> stands for is inside. Differs from <see cref="Covers"/> for wildcards:
    /// <c>*.example.com</c> would let its holder speak for an excluded <c>foo.example.com</c>.
    /// </summary>
    public static bool Touches(GeneralName subtree, GeneralName name)
    {
        if (Covers(subtree, name))
        {
            return true;
        }

        if (name.Kind != GeneralNameKind.DnsName || !IsWildcard(name.Text))
        {
            return false;
        }

        // A wildcard stands for exactly one label (RFC 9525 §6.3), so it reaches a subtree one label below its parent, and none deeper.
        var parent = WithoutWildcard(name.Text);
        return HostName.IsBelow(subtree.Text, parent) && !subtree.Text.AsSpan(0, subtree.Text.Length - parent.Length - 1).Contains('.');
    }

    private static bool CoversMailbox(string subtree, string mailbox)
    {
        if (!Mailbox.TryParse(mailbox, out var parsed))
        {
            return false;
        }

        if (Mailbox.TryParse(subtree, out var single))
        {
            return parsed.Equals(single);
        }

        return subtree[0] == '.'
            ? HostName.IsBelow(parsed.Host, subtree.AsSpan(1))
            : parsed.Host.Equals(subtree, StringComparison.OrdinalIgnoreCase);
    }

    private static bool CoversUri(string subtree, string uri)
    {
        if (!TryGetHost(uri, out var host))
        {
            return false;
        }

        return subtree[0] == '.'
            ? HostName.IsBelow(host, subtree.AsSpan(1))
            : host.Equals(subtree, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Takes the host out of a URI by hand: a library that repairs what it reads could see another host than the one who uses the URI.
    /// A URI without a host name in its authority can't be compared (RFC 5280 §4.2.1.10).
    /// </summary>
    private static bool TryGetHost(string uri, out ReadOnlySpan<char> host)
    {
        host = [];
        var start = uri.IndexOf("://", StringComparison.Ordinal);
        if (start <= 0)
        {
            return false;
        }

        var authority = uri.AsSpan(start + 3);
        var end = authority.IndexOfAny('/', '?', '#');
        authority = end < 0 ? authority : authority[..end];
        if (authority.Contains('@'))
        {
            // User information is legal, but readers differ on where it ends; nothing that names a peer has any.
            return false;
        }

        var port = authority.IndexOf(':');
        if (port >= 0 && authority[(port + 1)..].ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        host = port < 0 ? authority : authority[..port];
        return HostName.IsWellFormed(host) && !IPAddress.TryParse(host, out _);
    }

    private static bool IsWildcard(string name) => name.StartsWith("*.", StringComparison.Ordinal);

    private static ReadOnlySpan<char> WithoutWildcard(string name) => IsWildcard(name) ? name.AsSpan(2) : name;

    private static ReadOnlySpan<char> WithoutPeriod(string name) => name.StartsWith('.') ? name.AsSpan(1) : name;
}
