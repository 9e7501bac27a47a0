using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace MtlsSidecar.Trust.Revocation.Fetching;

/// <summary>
/// Addresses that a URL out of a certificate never leads to. Checked on the very address that is connected to, after name resolution: a
/// name that resolves to something else a moment later (DNS rebinding) gains nothing.
/// </summary>
internal static class AddressGuard
{
    // Metadata services of clouds that are not on link-local addresses: Azure's wire server, Alibaba, Oracle; of AWS, Google and Oracle over IPv6.
    private static readonly HashSet<IPAddress> MetadataServices =
    [
        IPAddress.Parse("168.63.129.16"), IPAddress.Parse("100.100.100.200"), IPAddress.Parse("192.0.0.192"), IPAddress.Parse("fd00:ec2::254"),
        IPAddress.Parse("fd20:ce::254"), IPAddress.Parse("fd00:c1::a9fe:a9fe"),
    ];

    private static readonly IPNetwork[] Forbidden =
    [
        IPNetwork.Parse("0.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("224.0.0.0/3"),

        // Local-use translation (RFC 8215): where in the address the IPv4 one stands is the network's secret, so it can't be looked at.
        IPNetwork.Parse("64:ff9b:1::/48"),
        IPNetwork.Parse("fe80::/10"),
        IPNetwork.Parse("fec0::/10"),
        IPNetwork.Parse("ff00::/8"),
    ];

    /// <summary>Why an address must not be connected to; null when it may. Loopback and private networks may: CRL servers stand there.</summary>
    public static string? Refuse(IPAddress address)
    {
        if (Embedded(address) is { } embedded)
        {
            return Refuse(embedded);
        }

        if (address.Equals(IPAddress.IPv6Any))
        {
            return $"{address} is the unspecified address";
        }

        if (MetadataServices.Contains(Unscoped(address)))
        {
            return $"{address} is a metadata service";
        }

        foreach (var network in Forbidden)
        {
            if (network.Contains(Unscoped(address)))
            {
                return $"{address} is in {network}";
            }
        }

        return null;
    }

    /// <summary>Whether an endpoint is one of those listeners, of ours or of the application. One that listens on any address is reached through every local one.</summary>
    public static bool IsAmong(IPEndPoint endpoint, IReadOnlyCollection<IPEndPoint> listeners)
    {
        var address = Embedded(endpoint.Address) ?? endpoint.Address;
        foreach (var listener in listeners)
        {
            if (listener.Port != endpoint.Port)
            {
                continue;
            }

            var own = Embedded(listener.Address) ?? listener.Address;
            if (own.Equals(address) || (IsAny(own) && IsLocal(address)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static bool IsLocal(IPAddress address)
        => IPAddress.IsLoopback(address)
            || NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(network => network.GetIPProperties().UnicastAddresses)
                .Any(unicast => Unscoped(unicast.Address).Equals(Unscoped(address)));

    private static IPAddress Unscoped(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress(address.GetAddressBytes()) : address;

    /// <summary>The IPv4 address inside an IPv6 one: mapped, compatible, NAT64 (RFC 6052) or 6to4 (RFC 3056). The kernel or a gateway unwraps it.</summary>
    private static IPAddress? Embedded(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return null;
        }

        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out _);
        var isNat64 = octets[..12].SequenceEqual((ReadOnlySpan<byte>)[0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]);
        var isCompatible = !octets[..12].ContainsAnyExcept((byte)0) && BinaryPrimitives.ReadUInt32BigEndian(octets[12..]) > 1;
        if (address.IsIPv4MappedToIPv6 || isNat64 || isCompatible)
        {
            return new IPAddress(octets[12..]);
        }

        return octets[0] == 0x20 && octets[1] == 0x02 ? new IPAddress(octets[2..6]) : null;
    }
}
