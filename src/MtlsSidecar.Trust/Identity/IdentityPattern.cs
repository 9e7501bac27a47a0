using System.Net;

namespace MtlsSidecar.Trust.Identity;

/// <summary>
/// A pattern over peer identities, as written in principals and <c>PeerIdentities</c>: <c>spiffe://domain/a/*/b/**</c> (one segment, any
/// rest; the trust domain always literal), <c>dns:NAME</c> or <c>ip:ADDRESS</c> (both exact).
/// </summary>
public sealed class IdentityPattern
{
    private readonly string _text;
    private readonly Func<PeerIdentity, bool> _matches;

    private IdentityPattern(string text, Func<PeerIdentity, bool> matches)
    {
        _text = text;
        _matches = matches;
    }

    /// <summary>Reads a pattern.</summary>
    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IdentityPattern? pattern)
    {
        pattern = text switch
        {
            null => null,
            _ when text.StartsWith("spiffe://", StringComparison.Ordinal) => ParseSpiffe(text),
            _ when text.StartsWith("dns:", StringComparison.Ordinal) => ForDnsName(text[4..]),
            _ when text.StartsWith("ip:", StringComparison.Ordinal) && AddressText.TryParse(text[3..], out var address) => ForIpAddress(address),
            _ => null,
        };
        return pattern is not null;
    }

    /// <summary>Reads a pattern that must be well formed.</summary>
    /// <exception cref="FormatException">The text is not a pattern.</exception>
    public static IdentityPattern Parse(string text)
        => TryParse(text, out var pattern) ? pattern : throw new FormatException($"'{text}' is not an identity pattern.");

    /// <summary>A pattern for the host of a destination: a DNS name, or an address if the host is one.</summary>
    public static IdentityPattern ForHost(string host)
        => IPAddress.TryParse(host, out var address) ? ForIpAddress(address) : ForHostName(host);

    /// <summary>Whether the identity matches.</summary>
    public bool Matches(PeerIdentity identity) => _matches(identity);

    /// <summary>The pattern as written.</summary>
    public override string ToString() => _text;

    private static IdentityPattern? ParseSpiffe(string text)
    {
        // The wildcards are stood in for by a legal segment so that the rest is held to the SPIFFE rules, trust domain included.
        var segments = text.Split('/');
        var anyRest = segments[^1] == "**";
        var literal = string.Join('/', segments.Select(segment => segment is "*" ? "any" : segment).SkipLast(anyRest ? 1 : 0));
        if (segments.Length < 3 || segments[2] == "*" || !Identity.SpiffeId.TryParse(literal, out _))
        {
            return null;
        }

        var expected = segments[3..];
        return new IdentityPattern(text, identity =>
            identity.SpiffeId is { } id && id.TrustDomain.Name == segments[2] && MatchesPath(expected, id.Path));
    }

    private static bool MatchesPath(string[] expected, string path)
    {
        var actual = path.Length == 0 ? [] : path[1..].Split('/');
        for (var i = 0; i < expected.Length; i++)
        {
            if (expected[i] == "**" && i == expected.Length - 1)
            {
                return actual.Length > i;
            }

            if (i >= actual.Length || (expected[i] != "*" && expected[i] != actual[i]))
            {
                return false;
            }
        }

        return actual.Length == expected.Length;
    }

    private static IdentityPattern? ForDnsName(string name)
        => Uri.CheckHostName(name) == UriHostNameType.Dns
            ? new IdentityPattern("dns:" + name, identity => identity.DnsNames.Contains(name, StringComparer.OrdinalIgnoreCase))
            : null;

    private static IdentityPattern ForIpAddress(IPAddress address)
        => new("ip:" + address, identity => identity.IpAddresses.Contains(address));

    private static IdentityPattern ForHostName(string host)
        => new("dns:" + host, identity => identity.DnsNames.Any(presented => MatchesHost(presented, host)));

    /// <summary>RFC 9525 §6.3: a wildcard is the whole left-most label and stands for exactly one label.</summary>
    private static bool MatchesHost(string presented, string host)
    {
        host = host.TrimEnd('.');
        if (!presented.StartsWith("*.", StringComparison.Ordinal))
        {
            return string.Equals(presented, host, StringComparison.OrdinalIgnoreCase);
        }

        var dot = host.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && presented.AsSpan(2).Contains('.') && host.AsSpan(dot + 1).Equals(presented.AsSpan(2), StringComparison.OrdinalIgnoreCase);
    }
}
