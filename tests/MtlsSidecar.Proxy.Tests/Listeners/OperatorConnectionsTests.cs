using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.Proxy.Tests.Listeners;

public sealed class OperatorConnectionsTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly TaskCompletionSource _end = new();

    [Fact]
    public async Task ConnectionBeyondTheLimit_TakesThePlaceOfTheOldest()
    {
        var stage = new OperatorConnections("Probes", maxAge: null, _clock, NullLogger.Instance);
        var connections = Enumerable.Range(0, OperatorConnections.MaxConnections + 2).Select(_ => new Connection()).ToList();

        var served = connections.Select(connection => stage.OnConnectionAsync(connection, _ => _end.Task)).ToList();

        connections.Select(connection => connection.IsAborted).Should().Equal(Enumerable.Range(0, connections.Count).Select(number => number < 2));
        _end.SetResult();
        await Task.WhenAll(served);
    }

    [Fact]
    public async Task ConnectionsThatHaveEnded_TakeNobodysPlace()
    {
        var stage = new OperatorConnections("Probes", maxAge: null, _clock, NullLogger.Instance);
        var oldest = new Connection();
        var served = stage.OnConnectionAsync(oldest, _ => _end.Task);
        for (var number = 0; number < 2 * OperatorConnections.MaxConnections; number++)
        {
            await stage.OnConnectionAsync(new Connection(), _ => Task.CompletedTask);
        }

        oldest.IsAborted.Should().BeFalse();
        _end.SetResult();
        await served;
    }

    [Fact]
    public async Task ConnectionOfMoreThanItsAge_IsCut()
    {
        var stage = new OperatorConnections("Probes", TimeSpan.FromSeconds(10), _clock, NullLogger.Instance);
        var connection = new Connection();
        var served = stage.OnConnectionAsync(connection, _ => _end.Task);

        _clock.Advance(TimeSpan.FromSeconds(9));
        connection.IsAborted.Should().BeFalse();
        _clock.Advance(TimeSpan.FromSeconds(2));
        connection.IsAborted.Should().BeTrue();

        _end.SetResult();
        await served;
    }

    private sealed class Connection : DefaultConnectionContext
    {
        public bool IsAborted { get; private set; }

        public override void Abort(ConnectionAbortedException abortReason) => IsAborted = true;
    }
}
