using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>
/// Bounds the connections of a listener that asks nobody who he is. When there are too many the oldest goes, not the newest: whoever fills the
/// listener with connections that say nothing must not keep the orchestrator's probe out, which would then restart the workload.
/// </summary>
/// <param name="listener">The listener's name.</param>
/// <param name="maxAge">How long a connection may last; null: as long as it likes.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Hears of the first connection cut in a minute.</param>
internal sealed partial class OperatorConnections(string listener, TimeSpan? maxAge, TimeProvider timeProvider, ILogger logger)
{
    /// <summary>How many connections there may be.</summary>
    public const int MaxConnections = 64;

    private static readonly TimeSpan LogPause = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private readonly LinkedList<ConnectionContext> _oldestFirst = [];
    private DateTimeOffset _logAgainAt;

    /// <summary>Serves one connection.</summary>
    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var (place, surplus) = Enter(connection);
        surplus?.Abort(new ConnectionAbortedException("Too many connections."));
        using var end = maxAge is { } age
            ? timeProvider.CreateTimer(static state => ((ConnectionContext)state!).Abort(), connection, age, Timeout.InfiniteTimeSpan)
            : null;
        try
        {
            await next(connection);
        }
        finally
        {
            Leave(place);
        }
    }

    private (LinkedListNode<ConnectionContext> Place, ConnectionContext? Surplus) Enter(ConnectionContext connection)
    {
        ConnectionContext? surplus = null;
        lock (_gate)
        {
            if (_oldestFirst.Count >= MaxConnections)
            {
                surplus = _oldestFirst.First!.Value;
                _oldestFirst.RemoveFirst();
                Note();
            }

            return (_oldestFirst.AddLast(connection), surplus);
        }
    }

    private void Leave(LinkedListNode<ConnectionContext> place)
    {
        lock (_gate)
        {
            if (place.List is not null)
            {
                _oldestFirst.Remove(place);
            }
        }
    }

    private void Note()
    {
        var now = timeProvider.GetUtcNow();
        if (now >= _logAgainAt)
        {
            _logAgainAt = now + LogPause;
            Log.Crowded(logger, listener, MaxConnections);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            1109, LogLevel.Warning, "{Listener} has {MaxConnections} connections: the oldest are cut for new ones", EventName = nameof(Crowded))]
        public static partial void Crowded(ILogger logger, string listener, int maxConnections);
    }
}
