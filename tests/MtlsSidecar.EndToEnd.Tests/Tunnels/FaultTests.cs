using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>Peers and applications that stall, vanish or come in floods.</summary>
[Collection(nameof(WholeMachine))]
public sealed class FaultTests : IAsyncLifetime
{
    private const int Megabyte = 1024 * 1024;
    private readonly WorkloadPki _pki = new();
    private readonly TcpApplication _application = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _application.DisposeAsync();
        _pki.Dispose();
    }

    [Fact]
    public async Task ReaderThatStalls_StopsTheSenderAndNotTheMemory()
    {
        await using var pair = await TunnelPair.StartAsync(_pki, _application.Address);
        await using var caller = await pair.ConnectAsync();
        await using var application = await _application.AcceptAsync();

        // What an empty daemon grows by once, code and pools, is no leak: a good deal goes through before it is measured.
        var warmUp = SendAsync(caller, 64 * Megabyte);
        await ReceiveAsync(application, 64 * Megabyte);
        await warmUp;
        var before = ResidentBytes(pair.Orders) + ResidentBytes(pair.Web);

        // Nobody reads: what can't be taken stays with the sender, up to what the sockets of six ends hold.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        var sent = await SendUntilAsync(caller, patience.Token);

        sent.Should().BeLessThan(100 * Megabyte, "the sender is held back");
        (ResidentBytes(pair.Orders) + ResidentBytes(pair.Web) - before).Should().BeLessThan(16 * Megabyte);
    }

    [Fact]
    public async Task ConnectionThatWaits_IsProbedSoThatAVanishedPeerIsFound()
    {
        await using var pair = await TunnelPair.StartAsync(_pki, _application.Address);
        await using var caller = await pair.ConnectAsync();
        await using var application = await _application.AcceptAsync();
        await application.SendAsync("welcome");
        await caller.ReadUntilAsync("welcome");

        // proc(5): a timer of kind 02 is the keep-alive timer; the connections of both sidecars, on either side, have it.
        await Eventually.HoldsAsync(
            () => KeptAlive(pair.Entry) && KeptAlive(pair.Orders.Tunnel(TunnelPair.In)) && KeptAlive(_application.Port), "keep-alive on each hop");
    }

    [Fact]
    public async Task ThousandsOfConnectionsOpenedAndDroppedAtOnce_LeaveTheTunnelAsItWas()
    {
        _application.Serve(static async socket => await socket.ReceiveAsync(new byte[1]));
        await using var pair = await TunnelPair.StartAsync(_pki, _application.Address);

        await Task.WhenAll(Enumerable.Range(0, 2_000).Select(index => OpenAndDropAsync(pair.Entry, isReset: index % 2 == 0)));
        await Task.WhenAll(Enumerable.Range(0, 2_000).Select(index => OpenAndDropAsync(pair.Orders.Tunnel(TunnelPair.In), isReset: index % 2 == 0)));

        await Eventually.HoldsAsync(async () => await OpenTunnelsAsync(pair.Web) == 0 && await OpenTunnelsAsync(pair.Orders) == 0, "all are gone", TimeSpan.FromSeconds(120));
        await using var caller = await pair.ConnectAsync();
        await caller.SendAsync("x");
        (await caller.ReadToEndAsync()).Should().BeEmpty();
        pair.Web.Process.HasExited.Should().BeFalse();
        pair.Web.Log.Lines().Concat(pair.Orders.Log.Lines()).Should().NotContain(line => line.Level == "Error");
    }

    [Fact]
    public async Task HandshakeFlood_DoesNotStopABulkCopy()
    {
        await using var pair = await TunnelPair.StartAsync(_pki, _application.Address);
        await using var caller = await pair.ConnectAsync();
        await using var application = await _application.AcceptAsync();
        using var over = new CancellationTokenSource();
        var flood = Enumerable.Range(0, 8).Select(_ => FloodAsync(pair.Orders.Tunnel(TunnelPair.In), over.Token)).ToArray();

        var sending = SendAsync(caller, 64 * Megabyte);
        await ReceiveAsync(application, 64 * Megabyte);

        await sending;
        await over.CancelAsync();
        (await Task.WhenAll(flood)).Sum().Should().BePositive("there was a flood");
    }

    private async Task<int> FloodAsync(int port, CancellationToken over)
    {
        var handshakes = 0;
        while (!over.IsCancellationRequested)
        {
            try
            {
                await using var peer = await WireConnection.ConnectAsync(_pki, _pki.Foreign, port);
                handshakes++;
            }
            catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException or TimeoutException)
            {
                // Refused: it is a stranger. Or, on a busy machine, not served in time: the flood goes on.
            }
        }

        return handshakes;
    }

    private static async Task OpenAndDropAsync(int port, bool isReset)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (isReset)
        {
            socket.LingerState = new LingerOption(true, 0);
        }

        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
        }
        catch (SocketException)
        {
            // The backlog is full: the kernel refuses what nobody could serve.
        }
    }

    private static async Task<int> OpenTunnelsAsync(SidecarProcess sidecar)
        => (await sidecar.StatusAsync()).GetProperty("connections").GetProperty("tunnels").GetInt32();

    private static async Task SendAsync(WireConnection connection, int bytes)
    {
        var chunk = new byte[64 * 1024];
        for (var sent = 0; sent < bytes; sent += chunk.Length)
        {
            await connection.Stream.WriteAsync(chunk);
        }
    }

    private static async Task ReceiveAsync(WireConnection connection, int bytes)
    {
        var chunk = new byte[64 * 1024];
        for (var received = 0; received < bytes;)
        {
            var count = await connection.Stream.ReadAsync(chunk);
            count.Should().BePositive();
            received += count;
        }
    }

    private static async Task<long> SendUntilAsync(WireConnection connection, CancellationToken patience)
    {
        var chunk = new byte[64 * 1024];
        var sent = 0L;
        try
        {
            while (true)
            {
                await connection.Stream.WriteAsync(chunk, patience);
                sent += chunk.Length;
            }
        }
        catch (OperationCanceledException)
        {
            return sent;
        }
    }

    private static long ResidentBytes(SidecarProcess sidecar)
        => File.ReadLines($"/proc/{sidecar.Process.Id}/status").Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) * 1024).Single();

    private static bool KeptAlive(int port) => File.ReadLines("/proc/net/tcp").Skip(1)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Any(fields => fields[3] == "01" && fields[5].StartsWith("02:", StringComparison.Ordinal)
            && (fields[1].EndsWith($":{port:X4}", StringComparison.Ordinal) || fields[2].EndsWith($":{port:X4}", StringComparison.Ordinal)));
}
