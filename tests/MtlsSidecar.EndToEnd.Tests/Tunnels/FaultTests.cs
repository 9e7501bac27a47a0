using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>Peers and applications that stall, vanish or come in floods.</summary>
[Collection(nameof(WholeMachine))]
public sealed class FaultTests : TunnelHouse
{
    private const int Megabyte = 1024 * 1024;
    private const int FewSockets = 8;
    private static readonly TimeSpan HandshakesAreOver = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task ReadersThatStall_StopTheSendersAndNotTheMemory()
    {
        await using var pair = await StartPairAsync();
        await using var caller = await pair.ConnectAsync();
        await using var application = await Application.AcceptAsync();
        await using var silentCaller = await pair.ConnectAsync();
        await using var speakingApplication = await Application.AcceptAsync();

        // What an empty daemon grows by once, code and pools, is no leak: a good deal goes through before it is measured.
        await Task.WhenAll(SendAsync(caller, 64 * Megabyte), ReceiveAsync(application, 64 * Megabyte));
        await Task.WhenAll(SendAsync(speakingApplication, 64 * Megabyte), ReceiveAsync(silentCaller, 64 * Megabyte));
        var before = ResidentBytes(pair.Orders) + ResidentBytes(pair.Web);

        // Nobody reads, on one tunnel at the application and on the other at the caller: what can't be taken stays with the sender, up to what
        // the sockets of six ends hold.
        using var patience = new CancellationTokenSource(Stall);
        var sent = await Task.WhenAll(SendUntilAsync(caller, patience.Token), SendUntilAsync(speakingApplication, patience.Token));

        sent.Should().OnlyContain(bytes => bytes < 100 * Megabyte, "the senders are held back");
        (ResidentBytes(pair.Orders) + ResidentBytes(pair.Web) - before).Should().BeLessThan(32 * Megabyte);

        // And nobody is the worse for it: who reads again gets all of it.
        await Task.WhenAll(ReceiveAsync(application, sent[0]), ReceiveAsync(silentCaller, sent[1]));
    }

    [Fact]
    public async Task ConnectionThatWaits_IsProbedSoThatAVanishedPeerIsFound()
    {
        await using var pair = await StartPairAsync();
        await using var caller = await pair.ConnectAsync();
        await using var application = await Application.AcceptAsync();
        await application.SendAsync("welcome");
        await caller.ReadUntilAsync("welcome");

        // Every end that is a sidecar's: the caller's own and the application's own are not.
        var middle = pair.Orders.Tunnel(TunnelPair.In);
        await Eventually.HoldsAsync(() => IsProbed(accepted: pair.Entry), "the end that the caller connected to");
        await Eventually.HoldsAsync(() => IsProbed(dialled: middle), "the end that was dialled to the peer");
        await Eventually.HoldsAsync(() => IsProbed(accepted: middle), "the end that the peer connected to");
        await Eventually.HoldsAsync(() => IsProbed(dialled: Application.Port), "the end that was dialled to the application");
    }

    [Fact]
    public async Task ThousandsOfConnectionsOpenedAndDroppedAtOnce_LeaveTheTunnelAsItWas()
    {
        Application.Serve(static async socket =>
        {
            var buffer = new byte[100];
            while (await socket.ReceiveAsync(buffer) is > 0 and var count)
            {
                await socket.SendAsync(buffer.AsMemory(0, count));
            }
        });
        await using var pair = await StartPairAsync();
        await AssertEchoesAsync(pair);
        await Eventually.HoldsAsync(() => AreGoneAsync(pair), "the first is gone");
        var (web, orders) = (Sockets(pair.Web), Sockets(pair.Orders));

        await Task.WhenAll(Enumerable.Range(0, 2_000).Select(index => OpenAndDropAsync(pair.Entry, isReset: index % 2 == 0)));
        await Task.WhenAll(Enumerable.Range(0, 2_000).Select(index => OpenAndDropAsync(pair.Orders.Tunnel(TunnelPair.In), isReset: index % 2 == 0)));

        await Eventually.HoldsAsync(() => AreGoneAsync(pair), "all are gone", TimeSpan.FromSeconds(120));
        await AssertEchoesAsync(pair);

        // Those of the connections that ask come and go.
        await Eventually.HoldsAsync(() => Sockets(pair.Web) <= web + FewSockets && Sockets(pair.Orders) <= orders + FewSockets, "no socket is left behind", HandshakesAreOver);
        pair.Web.Process.HasExited.Should().BeFalse();
        pair.Web.Log.Lines().Concat(pair.Orders.Log.Lines()).Should().NotContain(line => line.Level == "Error");
    }

    [Fact]
    public async Task HandshakeFlood_DoesNotStopABulkCopy()
    {
        const int Underway = 50;
        await using var pair = await StartPairAsync();
        await using var caller = await pair.ConnectAsync();
        await using var application = await Application.AcceptAsync();
        using var over = new CancellationTokenSource();
        var flood = new Flood(Pki, pair.Orders.Tunnel(TunnelPair.In));
        var flooding = Enumerable.Range(0, 8).Select(_ => flood.RunAsync(over.Token)).ToArray();
        await Eventually.HoldsAsync(() => flood.Handshakes >= Underway, "a flood");

        // In rounds, until as many handshakes again came in between.
        var before = flood.Handshakes;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        do
        {
            await Task.WhenAll(SendAsync(caller, 16 * Megabyte), ReceiveAsync(application, 16 * Megabyte)).WaitAsync(patience.Token);
        }
        while (flood.Handshakes < before + Underway);

        await over.CancelAsync();
        await Task.WhenAll(flooding);
        pair.Orders.Log.Lines().Should().NotContain(line => line.Level == "Error");
    }

    /// <summary>How long nobody reads. The full minute of the requirement takes a minute of the whole machine, so it is asked for.</summary>
    private static TimeSpan Stall => TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("MTLS_SIDECAR_STALL_SECONDS"), CultureInfo.InvariantCulture, out var seconds) ? seconds : 15);

    private static async Task AssertEchoesAsync(TunnelPair pair)
    {
        await using var caller = await pair.ConnectAsync();
        await caller.SendAsync("still there?");
        (await caller.ReadUntilAsync("?")).Should().Be("still there?");
    }

    private static async Task<bool> AreGoneAsync(TunnelPair pair) => await OpenTunnelsAsync(pair.Web) == 0 && await OpenTunnelsAsync(pair.Orders) == 0;

    /// <summary>File handles that are sockets; those of libraries grow by what the runtime loads on the way.</summary>
    private static int Sockets(SidecarProcess sidecar) => new DirectoryInfo($"/proc/{sidecar.Process.Id}/fd").EnumerateFileSystemInfos()
        .Count(handle => handle.LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) ?? false);

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

    private static async Task ReceiveAsync(WireConnection connection, long bytes)
    {
        var chunk = new byte[64 * 1024];
        for (var received = 0L; received < bytes;)
        {
            var count = await connection.Stream.ReadAsync(chunk.AsMemory(0, (int)Math.Min(chunk.Length, bytes - received)));
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
            .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024).Single();

    /// <summary>Whether a connection accepted on a port, or one dialled to a port, has the keep-alive timer: kind 02 in proc(5).</summary>
    private static bool IsProbed(int? accepted = null, int? dialled = null) => File.ReadLines("/proc/net/tcp").Skip(1)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Any(fields => fields[3] == "01" && fields[5].StartsWith("02:", StringComparison.Ordinal)
            && (accepted is null || fields[1].EndsWith($":{accepted:X4}", StringComparison.Ordinal))
            && (dialled is null || fields[2].EndsWith($":{dialled:X4}", StringComparison.Ordinal)));

    /// <summary>Strangers who hand in their certificate and are refused, one after the other.</summary>
    private sealed class Flood(WorkloadPki pki, int port)
    {
        private int _handshakes;

        public int Handshakes => Volatile.Read(ref _handshakes);

        public async Task RunAsync(CancellationToken over)
        {
            while (!over.IsCancellationRequested)
            {
                try
                {
                    await using var peer = await WireConnection.ConnectAsync(pki, pki.Foreign, port);
                    Interlocked.Increment(ref _handshakes);
                }
                catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException or TimeoutException)
                {
                    // Refused: it is a stranger. Or, on a busy machine, not served in time: the flood goes on.
                }
            }
        }
    }
}
