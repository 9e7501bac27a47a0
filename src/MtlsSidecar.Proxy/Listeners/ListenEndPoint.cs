using System.Net;
using System.Net.Sockets;
using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>The endpoint that an address to listen on stands for.</summary>
internal static class ListenEndPoint
{
    /// <summary>Gives a new endpoint each time: <see cref="ListenerDirectory"/> tells them apart by reference.</summary>
    public static EndPoint Of(EndpointAddress address) => address switch
    {
        { UnixPath: { } path } => new UnixDomainSocketEndPoint(path),
        { Address: { } ip } => new IPEndPoint(ip, address.Port),
        { Host: "localhost" } => new IPEndPoint(IPAddress.Loopback, address.Port),
        _ => throw new InvalidOperationException($"{address} is no address to listen on."),
    };
}
