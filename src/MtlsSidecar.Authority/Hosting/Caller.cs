using System.Net;
using System.Net.Sockets;

namespace MtlsSidecar.Authority.Hosting;

/// <summary>From where a request comes.</summary>
internal static class Caller
{
    /// <summary>The caller's address, for logs.</summary>
    public static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "unknown";

    /// <summary>
    /// By what a caller is counted against the limits: its address, of IPv6 the network of 64 bits, since within one a single machine has
    /// as many addresses as it likes. A certificate doesn't count here: anybody can make a new one for each request.
    /// </summary>
    public static string KeyOf(IPAddress? address)
    {
        if (address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false })
        {
            return Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8));
        }

        return address?.ToString() ?? "unknown";
    }
}
