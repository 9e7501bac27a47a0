using System.Net;
using System.Net.Sockets;
using MtlsSidecar.Proxy.Tunnels;
using MtlsSidecar.Proxy.Tunnels.Relaying;

namespace MtlsSidecar.Proxy.Tests.Tunnels.Relaying;

/// <summary>The copier between two pairs of real sockets, where the end-to-end tests can't look: at the reasons.</summary>
public sealed class DuplexCopierTests
{
    [Fact]
    public async Task BothSidesEnd_NothingIsCut()
    {
        using var relay = await Relay.StartAsync();

        await relay.Peer.SendAsync("hello"u8.ToArray());
        relay.Peer.Shutdown(SocketShutdown.Send);
        (await ReadToEndAsync(relay.Application)).Should().Equal("hello"u8.ToArray());
        relay.Application.Shutdown(SocketShutdown.Send);
        (await ReadToEndAsync(relay.Peer)).Should().BeEmpty();

        await relay.Copying;
        relay.Cut.Should().BeNull();
        relay.Traffic.FromPeer.Should().Be(5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SideThatBreaks_IsNamedAsTheReason(bool isPeer)
    {
        using var relay = await Relay.StartAsync();
        var broken = isPeer ? relay.Peer : relay.Application;

        broken.LingerState = new LingerOption(true, 0);
        broken.Dispose();

        await relay.CutAsync();
        relay.Cut.Should().Be(isPeer ? TunnelEndReason.ResetByPeer : TunnelEndReason.ResetByApplication);
    }

    [Fact]
    public async Task DefectInOneDirection_EndsTheOther()
    {
        using var relay = await Relay.StartAsync(peer: socket => new DefectiveSide(socket));

        await relay.CutAsync().Awaiting(cut => cut).Should().ThrowAsync<NotSupportedException>();

        relay.Cut.Should().Be(TunnelEndReason.Defect);
    }

    [Fact]
    public async Task EndsThatNeverMakeUsWait_DoNotKeepTheThread()
    {
        PromptSide? side = null;
        using var relay = await Relay.StartAsync(peer: socket => side = new PromptSide(socket));

        side!.ReadsBeforeTheReturn.Should().BePositive().And.BeLessThan(PromptSide.Pieces);
        relay.Application.Shutdown(SocketShutdown.Send);
        (await ReadToEndAsync(relay.Application)).Should().HaveCount(PromptSide.Pieces);
        await relay.Copying;
    }

    private static async Task<byte[]> ReadToEndAsync(Socket socket)
    {
        var all = new List<byte>();
        var buffer = new byte[100];
        while (await socket.ReceiveAsync(buffer) is > 0 and var count)
        {
            all.AddRange(buffer[..count]);
        }

        return [.. all];
    }

    /// <summary>Fails in a way that no network does.</summary>
    private sealed class DefectiveSide(Socket socket) : TunnelSide(socket)
    {
        public override ValueTask<int> WaitAsync() => throw new NotSupportedException("a defect");

        public override ValueTask<int> ReadAsync(Memory<byte> buffer) => throw new NotSupportedException("a defect");

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer) => throw new NotSupportedException("a defect");

        public override ValueTask EndAsync() => throw new NotSupportedException("a defect");
    }

    /// <summary>Has the next byte at once, so many times.</summary>
    private sealed class PromptSide(Socket socket) : TunnelSide(socket)
    {
        public const int Pieces = 1000;

        private int _reads;

        /// <summary>Set on the thread that starts the copier, until that returns.</summary>
        [ThreadStatic]
        public static bool IsStarting;

        public int ReadsBeforeTheReturn { get; private set; }

        public override ValueTask<int> WaitAsync() => new(0);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer)
        {
            ReadsBeforeTheReturn += IsStarting ? 1 : 0;
            return new(++_reads <= Pieces ? 1 : 0);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer) => ValueTask.CompletedTask;

        public override ValueTask EndAsync() => ValueTask.CompletedTask;
    }

    private sealed class Relay : IDisposable
    {
        private readonly TaskCompletionSource _cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<Socket> _sockets = [];

        public required Socket Peer { get; init; }

        public required Socket Application { get; init; }

        public TunnelTraffic Traffic { get; } = new(TimeProvider.System);

        public TunnelEndReason? Cut { get; private set; }

        public Task Copying { get; private set; } = Task.CompletedTask;

        public static async Task<Relay> StartAsync(Func<Socket, TunnelSide>? peer = null)
        {
            var (outer, peersSide) = await ConnectAsync();
            var (application, applicationsSide) = await ConnectAsync();
            var relay = new Relay { Peer = outer, Application = application };
            relay._sockets.AddRange([peersSide, applicationsSide]);
            PromptSide.IsStarting = true;
            relay.Copying = new DuplexCopier(peer?.Invoke(peersSide) ?? new PlainSide(peersSide), new PlainSide(applicationsSide), relay.Traffic, relay.OnCut).RunAsync();
            PromptSide.IsStarting = false;
            return relay;
        }

        public async Task CutAsync()
        {
            await _cut.Task.WaitAsync(TimeSpan.FromSeconds(20));
            await Copying;
        }

        public void Dispose()
        {
            Peer.Dispose();
            Application.Dispose();
            _sockets.ForEach(socket => socket.Dispose());
        }

        private static async Task<(Socket Outer, Socket Inner)> ConnectAsync()
        {
            using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            var outer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await outer.ConnectAsync(listener.LocalEndPoint!);
            return (outer, await listener.AcceptAsync());
        }

        private void OnCut(TunnelEndReason reason)
        {
            Cut ??= reason;
            _sockets.ForEach(socket => socket.Dispose());
            _cut.TrySetResult();
        }
    }
}
