using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary>
/// Where to listen or whom to dial: <c>https://0.0.0.0:8443</c>, <c>http://127.0.0.1:8080</c>, <c>tcp://rabbit.internal:5671</c>,
/// <c>http://[::1]:8080</c> or <c>unix:///run/app.sock</c>. Two addresses are equal when their canonical spellings are.
/// </summary>
/// <remarks>
/// Read by hand, not by <see cref="Uri"/>: that takes <c>http://2130706433</c> and <c>http://0x7f.1</c> for 127.0.0.1, which would let an
/// operator's check and ours disagree about what is loopback.
/// </remarks>
public sealed record EndpointAddress
{
    private const int MaxHostLength = 253;
    private const int MaxLabelLength = 63;

    // sun_path of unix(7) holds 108 bytes with the final zero.
    private const int MaxUnixPathBytes = 107;

    private EndpointAddress(EndpointScheme scheme, string host, int port, string? unixPath)
    {
        Scheme = scheme;
        Host = host;
        Port = port;
        UnixPath = unixPath;
        Address = IPAddress.TryParse(host, out var address) ? address : null;
    }

    /// <summary>What is spoken there.</summary>
    public EndpointScheme Scheme { get; }

    /// <summary>DNS name in lower case or IP address without brackets; empty for a Unix socket.</summary>
    public string Host { get; }

    /// <summary>Port, 0 to 65535; 0 lets the system pick one (listeners only) and stands for none with a Unix socket.</summary>
    public int Port { get; }

    /// <summary>Absolute path of the Unix socket, if it is one.</summary>
    public string? UnixPath { get; }

    /// <summary>The host as an IP address, if it is one.</summary>
    public IPAddress? Address { get; }

    /// <summary>Whether only this machine can be at the other end: <c>localhost</c>, 127.0.0.0/8, ::1 or a Unix socket.</summary>
    public bool IsLoopback => Scheme == EndpointScheme.Unix
        || Host == "localhost"
        || (Address is not null && IPAddress.IsLoopback(Address.IsIPv4MappedToIPv6 ? Address.MapToIPv4() : Address));

    /// <summary>Whether it stands for every address of this machine: 0.0.0.0 or ::.</summary>
    internal bool IsAny => IPAddress.Any.Equals(Address) || IPAddress.IPv6Any.Equals(Address);

    /// <summary>Whether it is one of the two addresses that Kestrel binds for <c>localhost</c>.</summary>
    internal bool IsOfLocalhost => IPAddress.Loopback.Equals(Address) || IPAddress.IPv6Loopback.Equals(Address);

    /// <summary>Reads an address.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out EndpointAddress? address) => TryParse(text, out address, out _);

    /// <summary>Reads an address that must be well formed.</summary>
    /// <exception cref="FormatException">The text is not an address.</exception>
    public static EndpointAddress Parse(string text)
        => TryParse(text, out var address, out var problem) ? address : throw new FormatException($"'{text}' {problem}.");

    /// <summary>The canonical spelling: lower case, the port always written.</summary>
    public override string ToString() => Scheme switch
    {
        EndpointScheme.Unix => "unix://" + UnixPath,
        _ => string.Create(CultureInfo.InvariantCulture, $"{Scheme.ToString().ToLowerInvariant()}://{Bracketed}:{Port}"),
    };

    /// <summary>Reads an address and says what is wrong with a bad one, as the rest of a sentence that begins with the text.</summary>
    internal static bool TryParse(
        string? text,
        [NotNullWhen(true)] out EndpointAddress? address,
        [NotNullWhen(false)] out string? problem)
    {
        address = null;
        var separator = text?.IndexOf("://", StringComparison.Ordinal) ?? -1;
        if (text is null || separator < 0)
        {
            problem = "is not an address such as http://127.0.0.1:8080, tcp://host:5671 or unix:///run/app.sock";
            return false;
        }

        var rest = text[(separator + 3)..];
        return text[..separator].ToLowerInvariant() switch
        {
            "http" => TryParseNetwork(EndpointScheme.Http, rest, out address, out problem),
            "https" => TryParseNetwork(EndpointScheme.Https, rest, out address, out problem),
            "tcp" => TryParseNetwork(EndpointScheme.Tcp, rest, out address, out problem),
            "unix" => TryParseUnix(rest, out address, out problem),
            _ => Fail("has an unknown scheme; known are http, https, tcp and unix", out problem),
        };
    }

    private string Bracketed => Address?.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{Host}]" : Host;

    private static bool TryParseUnix(string path, out EndpointAddress? address, out string? problem)
    {
        address = null;
        if (path.Length < 2 || path[0] != '/' || path[^1] == '/' || path.Contains('\0', StringComparison.Ordinal))
        {
            return Fail("needs an absolute path of a socket, as in unix:///run/app.sock", out problem);
        }

        if (Encoding.UTF8.GetByteCount(path) > MaxUnixPathBytes)
        {
            return Fail($"is longer than the {MaxUnixPathBytes} bytes that a Unix socket's path may have", out problem);
        }

        address = new EndpointAddress(EndpointScheme.Unix, "", 0, path);
        problem = null;
        return true;
    }

    private static bool TryParseNetwork(EndpointScheme scheme, string rest, out EndpointAddress? address, out string? problem)
    {
        address = null;
        rest = rest.EndsWith('/') ? rest[..^1] : rest;
        if (rest.AsSpan().IndexOfAny("/?#@\\") >= 0)
        {
            return Fail("must be scheme, host and port only, without user, path, query or fragment", out problem);
        }

        var hostEnd = rest.StartsWith('[') ? rest.IndexOf(']', StringComparison.Ordinal) + 1 : rest.IndexOf(':', StringComparison.Ordinal);
        var (host, portText) = hostEnd <= 0 ? (rest, "") : (rest[..hostEnd], rest[hostEnd..]);
        if (!TryParseHost(host, out var canonicalHost))
        {
            return Fail("has no valid host: a DNS name, an IPv4 address or an IPv6 address in brackets", out problem);
        }

        if (!TryParsePort(scheme, portText, out var port))
        {
            return Fail("has no valid port: 0 to 65535 after a colon", out problem);
        }

        address = new EndpointAddress(scheme, canonicalHost, port, null);
        problem = null;
        return true;
    }

    private static bool TryParsePort(EndpointScheme scheme, string text, out int port)
    {
        port = scheme == EndpointScheme.Https ? 443 : 80;
        return text.Length == 0
            ? scheme != EndpointScheme.Tcp
            : text[0] == ':' && int.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65535;
    }

    private static bool TryParseHost(string text, [NotNullWhen(true)] out string? host)
    {
        host = null;
        if (text.StartsWith('['))
        {
            host = text.EndsWith(']') && IPAddress.TryParse(text.AsSpan(1, text.Length - 2), out var address)
                && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? address.ToString() : null;
        }
        else if (text.Length is > 0 and <= MaxHostLength)
        {
            var labels = text.TrimEnd('.').Split('.');

            // What ends in a number is an address or a mistake (WHATWG URL), and an address has one spelling: no octal, hex or short forms.
            var numeric = labels[^1].Length > 0 && char.IsAsciiDigit(labels[^1][0]) && (labels[^1].All(char.IsAsciiDigit) || labels[^1].StartsWith("0x", StringComparison.OrdinalIgnoreCase));
            host = numeric
                ? IPAddress.TryParse(text, out var address) && address.ToString() == text ? text : null
                : Array.TrueForAll(labels, IsLabel) ? text.ToLowerInvariant() : null;
        }

        return host is not null;
    }

    private static bool IsLabel(string label)
        => label.Length is > 0 and <= MaxLabelLength && label[0] != '-' && label[^1] != '-'
        && label.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');

    private static bool Fail(string reason, [NotNull] out string? problem)
    {
        problem = reason;
        return false;
    }
}
