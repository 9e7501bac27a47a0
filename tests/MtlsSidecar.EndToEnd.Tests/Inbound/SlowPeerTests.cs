using System.Net;
using System.Net.Sockets;
using System.Text;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Inbound;

/// <summary>Peers that connect and then say nothing, nonsense, or too little at a time.</summary>
public sealed class SlowPeerTests(SlowPeerTests.Fixture fixture) : IClassFixture<SlowPeerTests.Fixture>
{
    private const int Crowd = 1000;

    // The beginning of a TLS record that announces a ClientHello of 512 bytes.
    private static readonly byte[] HelloBegin = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03];

    [Fact]
    public async Task SilentPeer_IsDisconnectedAfterTheHandshakeTimeout()
    {
        var (log, before) = (fixture.Sidecar.Log.Position, await HandshakesAsync("rejected", "DeadlineExceeded"));
        using var socket = await ConnectAsync();

        await AssertClosedAsync(socket);

        var line = await fixture.Sidecar.Log.WaitForRefusalAsync("DeadlineExceeded", log);
        line.Event.Should().Be("PeerRefused");
        line["Remote"].Should().Be(socket.LocalEndPoint!.ToString());
        (await HandshakesAsync("rejected", "DeadlineExceeded")).Should().Be(before + 1);
        await AssertNothingReachedTheApplicationAsync();
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: orders\r\n\r\n", "failed", "tls")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "failed", "tls")]
    [InlineData("\u0016\u0003\u0001\u00ff\u00ff\u0001\u0002\u0003\u0004", "rejected", "DeadlineExceeded")]
    public async Task Garbage_IsDisconnected(string garbage, string result, string reason)
    {
        var before = await HandshakesAsync(result, reason);
        using var socket = await ConnectAsync();

        await socket.SendAsync(Encoding.Latin1.GetBytes(garbage));

        await AssertClosedAsync(socket);
        await Eventually.HoldsAsync(async () => await HandshakesAsync(result, reason) == before + 1, "it is counted");
        await AssertNothingReachedTheApplicationAsync();
    }

    [Fact]
    public async Task DribbledHandshake_IsDisconnectedThoughBytesKeepComing()
    {
        var log = fixture.Sidecar.Log.Position;
        using var socket = await ConnectAsync();
        using var stop = new CancellationTokenSource();
        var dribble = DribbleAsync(socket, stop.Token);

        await AssertClosedAsync(socket);
        await stop.CancelAsync();
        await dribble;
        await fixture.Sidecar.Log.WaitForRefusalAsync("DeadlineExceeded", log);
        await AssertNothingReachedTheApplicationAsync();
    }

    [Fact]
    public async Task ACrowdOfBadConnections_DoesNotDisturbRealTraffic()
    {
        using var stop = new CancellationTokenSource();
        var crowd = new List<Socket>();
        for (var i = 0; i < Crowd; i++)
        {
            crowd.Add(await ConnectAsync());
        }

        foreach (var (socket, i) in crowd.Select((socket, i) => (socket, i)))
        {
            await socket.SendAsync(i % 3 == 0 ? [] : i % 3 == 1 ? HelloBegin : "garbage\r\n"u8.ToArray());
        }

        // Plain HTTP/1.1 without keep-alive on the caller's side and new mTLS connections on the other: handshakes go on too.
        for (var round = 0; round < 20; round++)
        {
            (await Peer.StatusAsync(fixture.Pki, fixture.Pki.Web, fixture.Sidecar.Inbound)).Should().Be(HttpStatusCode.OK);
        }

        foreach (var socket in crowd)
        {
            await AssertClosedAsync(socket);
            socket.Dispose();
        }

        await Eventually.HoldsAsync(
            async () => (await fixture.Sidecar.StatusAsync()).GetProperty("connections").GetProperty("inbound").GetInt32() == 0, "all connections are gone");
    }

    private static async Task DribbleAsync(Socket socket, CancellationToken stop)
    {
        try
        {
            foreach (var octet in HelloBegin.Concat(new byte[500]))
            {
                await socket.SendAsync(new[] { octet }, stop);
                await Task.Delay(100, stop);
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // Disconnected, as it should be.
        }
    }

    private static async Task AssertClosedAsync(Socket socket)
    {
        var buffer = new byte[1024];
        using var deadline = new CancellationTokenSource(Eventually.DefaultTimeout);
        try
        {
            while (await socket.ReceiveAsync(buffer, deadline.Token) > 0)
            {
                // A TLS alert may come first; never HTTP.
                Encoding.Latin1.GetString(buffer).Should().NotContain("HTTP/");
            }
        }
        catch (SocketException)
        {
            // A reset closes too.
        }
    }

    private async Task AssertNothingReachedTheApplicationAsync()
    {
        var status = await fixture.Sidecar.StatusAsync();
        status.GetProperty("connections").GetProperty("inbound").GetInt32().Should().Be(0);
        fixture.Application.Requests.Should().NotContain(request => request.Target != "/hello");
    }

    private async Task<double> HandshakesAsync(string result, string reason) => (await fixture.Sidecar.MetricsAsync())
        .Sum("mtls_sidecar_handshakes_total", ("direction", "inbound"), ("result", result), ("reason", reason));

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, fixture.Port);
        return socket;
    }

    public sealed class Fixture : InboundFixture
    {
        protected override void Configure(SidecarSettings settings)
        {
            base.Configure(settings);

            // Long enough for a real peer behind a crowd of bad ones on a busy machine, short enough to wait for.
            settings.Set("Inbound:HandshakeTimeout", "00:00:05");
        }
    }
}
