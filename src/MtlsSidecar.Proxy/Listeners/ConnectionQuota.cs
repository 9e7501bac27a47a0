using Microsoft.Extensions.Logging;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>How many connections a listener has, and whether one more may come. New connections are shed, never old ones.</summary>
internal sealed partial class ConnectionQuota(string listener, ILogger logger)
{
    private int _connections;

    /// <summary>Counts a connection in, unless there are as many as may be; then nothing of it may be read, and it must be closed.</summary>
    public bool TryEnter(int maxConnections, string? remote)
    {
        if (Interlocked.Increment(ref _connections) <= maxConnections)
        {
            return true;
        }

        Interlocked.Decrement(ref _connections);
        Log.ConnectionShed(logger, listener, remote, maxConnections);
        return false;
    }

    /// <summary>Whether a connection could be counted in at this moment; if not, it must be closed without reading from it.</summary>
    public bool HasRoom(int maxConnections, string? remote)
    {
        if (Volatile.Read(ref _connections) < maxConnections)
        {
            return true;
        }

        Log.ConnectionShed(logger, listener, remote, maxConnections);
        return false;
    }

    /// <summary>A connection that was counted in is gone.</summary>
    public void Leave() => Interlocked.Decrement(ref _connections);

    private static partial class Log
    {
        [LoggerMessage(1103, LogLevel.Warning, "Shed a connection on {Listener} from {Remote}: {MaxConnections} are open", EventName = nameof(ConnectionShed))]
        public static partial void ConnectionShed(ILogger logger, string listener, string? remote, int maxConnections);
    }
}
