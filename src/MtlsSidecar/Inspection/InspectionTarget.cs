using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MtlsSidecar.Inspection;

/// <summary>Reads <c>HOST:PORT</c>; an IPv6 address stands in brackets.</summary>
internal static class InspectionTarget
{
    /// <summary>Splits host and port.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out string? host, out int port)
    {
        var colon = text.LastIndexOf(':');
        host = colon > 0 ? text[..colon] : null;
        port = 0;
        if (host is ['[', .., ']'])
        {
            host = host[1..^1];
        }
        else if (host?.Contains(':', StringComparison.Ordinal) == true)
        {
            return false;
        }

        return host is { Length: > 0 }
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is > 0 and <= 65535;
    }
}
