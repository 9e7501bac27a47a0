using System.Net;
using System.Net.WebSockets;
using MtlsSidecar.Benchmarks.Tunnels;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.Benchmarks.Revocation;

/// <summary>One peer with one open connection of each kind.</summary>
internal sealed class LivePeer : IAsyncDisposable
{
    public const string Tunnel = "raw-in";

    /// <summary>What <see cref="Ends"/> is about, in its order.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["HTTP/1.1 stream", "HTTP/2 stream", "WebSocket", "tunnel"];

    private readonly List<IDisposable> _clients = [];
    private readonly List<Task> _ends = [];
    private WireConnection? _tunnel;

    private LivePeer()
    {
    }

    /// <summary>Complete when the connections end, however they do.</summary>
    public IReadOnlyList<Task> Ends => _ends;

    /// <summary>Opens all of them; each has carried something when it is done.</summary>
    public static async Task<LivePeer> OpenAsync(WorkloadPki pki, WorkloadFiles workload, SidecarProcess sidecar)
    {
        var peer = new LivePeer();
        await peer.OpenStreamAsync(pki, workload, sidecar.Inbound, HttpVersion.Version11);
        await peer.OpenStreamAsync(pki, workload, sidecar.Inbound, HttpVersion.Version20);
        await peer.OpenWebSocketAsync(pki, workload, sidecar.Inbound);
        await peer.OpenTunnelAsync(pki, workload, sidecar.Tunnel(Tunnel));
        return peer;
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        if (_tunnel is not null)
        {
            await _tunnel.DisposeAsync();
        }
    }

    private async Task OpenStreamAsync(WorkloadPki pki, WorkloadFiles workload, Uri sidecar, Version version)
    {
        var client = MtlsClient.Create(pki, workload, version);
        _clients.Add(client);
        var response = await client.GetAsync(new Uri(sidecar, "/events"), HttpCompletionOption.ResponseHeadersRead);
        _clients.Add(response.EnsureSuccessStatusCode());
        var body = await response.Content.ReadAsStreamAsync();
        _ends.Add(EndAsync(() => body.CopyToAsync(Stream.Null)));
    }

    private async Task OpenWebSocketAsync(WorkloadPki pki, WorkloadFiles workload, Uri sidecar)
    {
        var socket = new ClientWebSocket();
        var invoker = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, SslOptions = MtlsClient.TlsOptions(pki, workload) });
        _clients.AddRange([socket, invoker]);
        await socket.ConnectAsync(new UriBuilder(sidecar) { Scheme = "wss", Path = "/websocket" }.Uri, invoker, CancellationToken.None);
        _ends.Add(EndAsync(() => socket.ReceiveAsync(new ArraySegment<byte>(new byte[16]), CancellationToken.None)));
    }

    private async Task OpenTunnelAsync(WorkloadPki pki, WorkloadFiles workload, int port)
    {
        _tunnel = await WireConnection.ConnectAsync(pki, workload, port);
        await _tunnel.SendAsync($"{(char)TcpEcho.Echo}here");
        await _tunnel.ReadUntilAsync("here");
        _ends.Add(EndAsync(_tunnel.ReadToEndAsync));
    }

    private static async Task EndAsync(Func<Task> read)
    {
        try
        {
            await read();
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or WebSocketException)
        {
            // Cut: that is an end, too.
        }
    }
}
