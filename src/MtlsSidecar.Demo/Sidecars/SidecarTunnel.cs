using MtlsSidecar.Demo.Pki;

namespace MtlsSidecar.Demo.Sidecars;

/// <summary>A way for opaque bytes through a sidecar.</summary>
/// <param name="Name">Its name in logs and policies.</param>
/// <param name="Destination">Where it leads.</param>
/// <param name="Peer">Who must be there; null: it leads inward, to an application.</param>
internal sealed record SidecarTunnel(string Name, string Destination, Workload? Peer)
{
    /// <summary>To the broker beside the sidecar.</summary>
    public static SidecarTunnel ToBroker(string socket) => new("mqtt-in", $"unix://{socket}", Peer: null);

    /// <summary>To a peer that isn't running yet: port 9 discards, until <see cref="Destination"/> is set and the settings are reloaded.</summary>
    public static SidecarTunnel To(Workload peer) => new("mqtt-out", "tcp://127.0.0.1:9", peer);

    /// <summary>The tunnel as the value of its key in <c>Sidecar:Tunnels</c>.</summary>
    public object ToSetting() => Peer is null
        ? new { Direction = "Inbound", Listen = "tcp://127.0.0.1:0", Destinations = new[] { Destination } }
        : new { Direction = "Outbound", Listen = "tcp://127.0.0.1:0", Destinations = new[] { Destination }, PeerIdentities = new[] { Peer.SpiffeId } };
}
