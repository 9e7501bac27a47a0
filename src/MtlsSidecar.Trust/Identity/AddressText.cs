using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace MtlsSidecar.Trust.Identity;

/// <summary>
/// Addresses as operators write them into expectations. The platform's parser takes more than one can mean: <c>012.0.0.1</c> is octal to
/// it, <c>10.1</c> a short form, and a zone belongs to one machine.
/// </summary>
public static class AddressText
{
    /// <summary>Reads an IPv4 address in four decimal numbers or an IPv6 address without zone and brackets.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        ArgumentNullException.ThrowIfNull(text);
        var isPlain = text.AsSpan().IndexOfAny('%', '[', ']') < 0 && IPAddress.TryParse(text, out address)
            && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text);
        address = isPlain ? IPAddress.Parse(text) : null;
        return isPlain;
    }
}
