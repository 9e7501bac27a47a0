using System.Net.Security;
using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>The application protocol named in a tunnel's handshake (RFC 7301).</summary>
internal static class Alpn
{
    /// <summary>
    /// None unless configured: then a peer's own is passed over, whatever it is. Configured, a peer that names only others is refused in the
    /// handshake; one that names none is not, as the RFC has it. A tunnel without one thus also takes who was on the way to another listener of
    /// the same workload and redirected here: the platform doesn't show a server what was offered, so only a configured value tells them apart.
    /// </summary>
    public static IReadOnlyList<SslApplicationProtocol> Of(TunnelOptions options)
        => options.Alpn is { } name ? [new SslApplicationProtocol(name)] : [];
}
