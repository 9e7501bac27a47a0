using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Connections;

/// <summary>Contract, behaviour 5, inbound: a peer that is no longer acceptable loses the connections that it already has; its neighbours keep theirs.</summary>
public sealed class LiveConnectionTests : HttpHouse
{
    private const string Request = "GET /hello HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n";
    private static readonly TimeSpan Cut = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task RevokedPeer_LosesItsOpenStreamAndItsNeighbourKeepsIts(string version)
    {
        var peer = Pki.Issue("peer", WorkloadPki.ForWorkload("web"));
        await using var sidecar = await StartOrdersAsync();
        using var revoked = await OpenStream.OpenAsync(Pki, peer, sidecar.Inbound, new Version(version));
        using var neighbour = await OpenStream.OpenAsync(Pki, Pki.Web, sidecar.Inbound, new Version(version));

        Pki.Revoke(peer);

        await revoked.Ended.WaitAsync(Cut);
        var line = await sidecar.Log.WaitForAsync(line => line["Reason"] == "Revoked");
        line.Text.Should().Contain(peer.Serial);
        neighbour.Ended.IsCompleted.Should().BeFalse();
        (await sidecar.MetricsAsync()).Sum("mtls_sidecar_connections_closed_total", ("direction", "inbound"), ("reason", "Revoked")).Should().Be(1);
        await EventuallyAloneAsync(sidecar, Pki.Web);
    }

    [Fact]
    public async Task RevokedPeer_CanSendNothingMoreOnItsOpenConnection()
    {
        var peer = Pki.Issue("peer", WorkloadPki.ForWorkload("web"));
        await using var sidecar = await StartOrdersAsync();
        await using var connection = await WireConnection.ConnectAsync(Pki, peer, sidecar.Inbound.Port, alpn: SslApplicationProtocol.Http2);
        var http2 = await Http2Connection.StartAsync(connection.Stream);
        await http2.SendHeadersAsync(1, "GET", "/events", "orders");
        (await http2.ReadStatusAsync(1)).Should().Be(200);
        var requests = Application.Requests.Count;

        Pki.Revoke(peer);
        await sidecar.Log.WaitForEventAsync("Closing");

        // The connection lives for another second, so that answers in flight can end; what is asked now comes too late.
        try
        {
            await http2.SendHeadersAsync(3, "GET", "/late", "orders");
        }
        catch (IOException)
        {
            // That second is over already.
        }

        (await http2.ReadStatusAsync(3)).Should().Be(0);
        Application.Requests.Count.Should().Be(requests);
    }

    [Fact]
    public async Task RevokedPeer_LosesItsIdleKeptConnection()
    {
        var peer = Pki.Issue("peer", WorkloadPki.ForWorkload("web"));
        await using var sidecar = await StartOrdersAsync();
        using var client = MtlsClient.Create(Pki, peer);
        (await client.GetAsync(new Uri(sidecar.Inbound, "/hello"))).StatusCode.Should().Be(HttpStatusCode.OK);
        var requests = Application.Requests.Count;

        Pki.Revoke(peer);
        await Eventually.HoldsAsync(async () => (await SerialsAsync(sidecar)).Count == 0, "the idle connection is closed");

        await client.Invoking(running => running.GetAsync(new Uri(sidecar.Inbound, "/hello"))).Should().ThrowAsync<HttpRequestException>();
        Application.Requests.Count.Should().Be(requests);
    }

    [Fact]
    public async Task RevokedPeer_LosesItsWebSocket()
    {
        var peer = Pki.Issue("peer", WorkloadPki.ForWorkload("web"));
        await using var sidecar = await StartOrdersAsync();
        using var socket = await ConnectAsync(peer, sidecar);

        Pki.Revoke(peer);

        await EndAsync(socket).WaitAsync(Cut);
        await sidecar.Log.WaitForAsync(line => line["Reason"] == "Revoked");
    }

    [Fact]
    public async Task PeerThatPolicyNoLongerAllows_LosesItsWebSocketAndKeepsItsConnection()
    {
        await using var sidecar = await StartOrdersAsync();
        using var socket = await ConnectAsync(Pki.Web, sidecar);
        using var neighbour = await OpenStream.OpenAsync(Pki, Pki.Users, sidecar.Inbound);

        sidecar.ReplaceSettings(settings => settings.Remove("Authorization:Policies").Allow(WorkloadPki.SpiffeId("users")));

        await EndAsync(socket).WaitAsync(Cut);
        neighbour.Ended.IsCompleted.Should().BeFalse();
        (await Peer.StatusAsync(Pki, Pki.Web, sidecar.Inbound)).Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task PeerWhoseCertificateExpires_LosesItsOpenStream()
    {
        await using var sidecar = await StartOrdersAsync();
        using var neighbour = await OpenStream.OpenAsync(Pki, Pki.Users, sidecar.Inbound);

        // Issued only now: neither the daemon's start nor its first handshake is to take of its life.
        var peer = Pki.Issue("short", WorkloadPki.ForWorkload("web") with { NotAfter = DateTimeOffset.UtcNow.AddSeconds(4) });
        using var stream = await OpenStream.OpenAsync(Pki, peer, sidecar.Inbound);

        await stream.Ended.WaitAsync(Cut);

        (await sidecar.Log.WaitForAsync(line => line["Reason"] == "Expired")).Text.Should().Contain(peer.Serial);
    }

    [Fact]
    public async Task PeerWhoseAnchorIsWithdrawn_LosesItsOpenStream()
    {
        using var otherRoot = TestAuthority.CreateRoot("Other Root");
        using var otherIssuing = otherRoot.CreateIntermediate("Other Issuing");
        Pki.Directory.Write("other.crl", WorkloadPki.CrlPem(otherRoot.CreateCrl([])) + WorkloadPki.CrlPem(otherIssuing.CreateCrl([])));
        var before = File.ReadAllText(Pki.BundleFile);
        AtomicRename.Write(Pki.BundleFile, before + otherRoot.Certificate.ExportCertificatePem() + "\n");
        var peer = Pki.Issue("other", WorkloadPki.ForWorkload("web"), otherIssuing);
        await using var sidecar = await StartOrdersAsync(settings => settings.Set("Validation:Crl:Files", new[] { Pki.CrlFile, Pki.Directory["other.crl"] }));
        using var stream = await OpenStream.OpenAsync(Pki, peer, sidecar.Inbound);
        using var neighbour = await OpenStream.OpenAsync(Pki, Pki.Web, sidecar.Inbound);

        AtomicRename.Write(Pki.BundleFile, before);

        await stream.Ended.WaitAsync(Cut);
        await sidecar.Log.WaitForAsync(line => line["Reason"] == "UntrustedAnchor");
        neighbour.Ended.IsCompleted.Should().BeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CrlThatPassesItsNextUpdate_RefusesNewPeersAndCutsOpenConnectionsOnlyIfAskedTo(bool staleCuts)
    {
        await using var sidecar = await StartOrdersAsync(settings => settings.Set("Validation:Crl:StaleCutsConnections", staleCuts));
        (await Peer.StatusAsync(Pki, Pki.Users, sidecar.Inbound)).Should().Be(HttpStatusCode.OK);

        // Only now comes the CRL that ends soon: neither the daemon's start nor its first handshake is to take of its life.
        AtomicRename.Write(
            Pki.CrlFile, WorkloadPki.CrlPem(Pki.Root.CreateCrl([], 100)) + WorkloadPki.CrlPem(Pki.IssuingCrl(DateTimeOffset.UtcNow.AddSeconds(5))));
        (await sidecar.PostAsync("/reload")).Dispose();
        using var stream = await OpenStream.OpenAsync(Pki, Pki.Web, sidecar.Inbound);
        await Eventually.HoldsAsync(async () => await Peer.StatusAsync(Pki, Pki.Users, sidecar.Inbound) is null, "the stale CRL refuses new peers");

        if (staleCuts)
        {
            await stream.Ended.WaitAsync(Cut);
        }
        else
        {
            await EventuallyAloneAsync(sidecar, Pki.Web);
            stream.Ended.IsCompleted.Should().BeFalse();
        }
    }

    [Fact]
    public async Task PeerRevokedWhileAnotherCrlIsStale_LosesItsOpenStreamAllTheSame()
    {
        var peer = Pki.Issue("peer", WorkloadPki.ForWorkload("web"));
        await using var sidecar = await StartOrdersAsync();
        using var stream = await OpenStream.OpenAsync(Pki, peer, sidecar.Inbound);
        using var neighbour = await OpenStream.OpenAsync(Pki, Pki.Web, sidecar.Inbound);
        WriteCrls(DateTimeOffset.UtcNow.AddSeconds(3));
        await Eventually.HoldsAsync(async () => await Peer.StatusAsync(Pki, Pki.Users, sidecar.Inbound) is null, "the root's stale CRL refuses new peers");

        // Nobody vouches for the issuing authority any more; that it has revoked the peer counts nevertheless.
        WriteCrls(DateTimeOffset.UtcNow.AddSeconds(-1), peer);

        await stream.Ended.WaitAsync(Cut);
        await sidecar.Log.WaitForAsync(line => line.Event == "Closing" && line["Reason"] == "Revoked");
        neighbour.Ended.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task PolicyThatForbidsWhileACrlIsStale_EndsWhatItForbids()
    {
        await using var sidecar = await StartOrdersAsync();
        using var socket = await ConnectAsync(Pki.Web, sidecar);
        WriteCrls(DateTimeOffset.UtcNow.AddSeconds(3));
        await Eventually.HoldsAsync(async () => await Peer.StatusAsync(Pki, Pki.Users, sidecar.Inbound) is null, "the root's stale CRL refuses new peers");

        sidecar.ReplaceSettings(settings => settings.Remove("Authorization:Policies").Allow(WorkloadPki.SpiffeId("users")));

        await EndAsync(socket).WaitAsync(Cut);
    }

    [Fact]
    public async Task PeerThatConnectsAllTheWhile_HasNoConnectionLeftOnceItIsRevoked()
    {
        var peer = Pki.Issue("peer", WorkloadPki.ForWorkload("web"));
        await using var sidecar = await StartOrdersAsync();

        // Registering and reloading at once: a connection judged by the old CRL must not slip into the registry behind the sweep.
        for (var round = 0; round < 5; round++)
        {
            var streams = new List<Task<OpenStream?>>();
            var connecting = Task.Run(async () =>
            {
                for (var i = 0; i < 12; i++)
                {
                    streams.Add(TryOpenAsync(peer, sidecar));
                    await Task.Yield();
                }
            });
            Pki.Revoke(peer);
            await connecting;

            foreach (var stream in await Task.WhenAll(streams))
            {
                await (stream?.Ended ?? Task.CompletedTask).WaitAsync(Cut);
                stream?.Dispose();
            }

            await Eventually.HoldsAsync(async () => !(await SerialsAsync(sidecar)).Contains(peer.Serial), "nothing of the revoked peer is left");
            peer = Pki.Issue($"peer{round}", WorkloadPki.ForWorkload("web"));
        }
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task Session_IsNeverResumed(string protocol)
    {
        await using var sidecar = await StartOrdersAsync();

        var session = Pki.Directory["session"];
        var first = await OpenSslClient.SendAsync(sidecar.Inbound.Port, Request, Pki.Web, protocol, "-sess_out", session);
        first.Output.Should().Contain("HTTP/1.1 200 OK");

        // OpenSSL hands out a session even where it will not take it back; without one there is nothing to try.
        var again = await OpenSslClient.SendAsync(sidecar.Inbound.Port, Request, Pki.Web, [protocol, .. File.Exists(session) ? new[] { "-sess_in", session } : []]);

        again.Output.Should().Contain("HTTP/1.1 200 OK").And.Contain("New, TLSv1.").And.NotContain("Reused, TLSv1.");
    }

    protected override void Configure(SidecarSettings settings) => settings.Allow(WorkloadPki.SpiffeId("web"), WorkloadPki.SpiffeId("users"));

    private static async Task<IReadOnlyList<string>> SerialsAsync(SidecarProcess sidecar) =>
        [.. (await sidecar.PeersAsync()).GetProperty("peers").EnumerateArray().Select(peer => peer.GetProperty("serial").GetString()!)];

    /// <summary>Waits until nobody else is connected: a connection that is over may be listed for a moment.</summary>
    private static Task EventuallyAloneAsync(SidecarProcess sidecar, WorkloadFiles workload) =>
        Eventually.HoldsAsync(async () => (await SerialsAsync(sidecar)).SequenceEqual([workload.Serial]), "that connection alone is listed");

    /// <summary>Completes when the socket ends, with or without a close message.</summary>
    private static async Task EndAsync(WebSocket socket)
    {
        try
        {
            while ((await socket.ReceiveAsync(new byte[16], CancellationToken.None)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (WebSocketException)
        {
            // Cut without a close message.
        }
    }

    /// <summary>The root's CRL with this end, the issuing authority's with these entries.</summary>
    private void WriteCrls(DateTimeOffset rootEnds, params WorkloadFiles[] revoked) => AtomicRename.Write(
        Pki.CrlFile,
        WorkloadPki.CrlPem(Pki.Root.CreateCrl([], 100 + revoked.Length, rootEnds, DateTimeOffset.UtcNow.AddMinutes(-5)))
            + WorkloadPki.CrlPem(Pki.Issuing.CreateCrl(revoked.Select(workload => workload.Certificate.Certificate), 100 + revoked.Length)));

    private async Task<ClientWebSocket> ConnectAsync(WorkloadFiles peer, SidecarProcess sidecar)
    {
        var socket = new ClientWebSocket();
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, SslOptions = MtlsClient.TlsOptions(Pki, peer) });
        await socket.ConnectAsync(new UriBuilder(sidecar.Inbound) { Scheme = "wss", Path = "/websocket" }.Uri, invoker, CancellationToken.None);
        return socket;
    }

    private async Task<OpenStream?> TryOpenAsync(WorkloadFiles peer, SidecarProcess sidecar)
    {
        try
        {
            return await OpenStream.OpenAsync(Pki, peer, sidecar.Inbound);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
