using Microsoft.Extensions.Logging;

namespace MtlsSidecar.Proxy.Connections;

/// <summary>The log line of a connection that its peer has too many of already, whoever opened it.</summary>
internal static partial class PeerLimitLog
{
    /// <summary>Writes it.</summary>
    [LoggerMessage(
        1104, LogLevel.Warning, "Refused a connection of {Peer} on {Listener}: it has {MaxConnectionsPerPeer} open", EventName = nameof(TooManyConnections))]
    public static partial void TooManyConnections(ILogger logger, string peer, string listener, int maxConnectionsPerPeer);
}
