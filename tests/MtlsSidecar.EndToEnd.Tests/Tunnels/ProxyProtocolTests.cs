using System.Buffers.Binary;
using System.Net;
using System.Text;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>The PROXY protocol, version 2: told to the local application, and taken from a load balancer that is named for it.</summary>
public sealed class ProxyProtocolTests : TunnelHouse
{
    private const string Request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    private static readonly byte[] Signature = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    public static TheoryData<byte[]> Garbage => new()
    {
        Encoding.ASCII.GetBytes("PROXY TCP4 198.51.100.7 198.51.100.8 1 2\r\n"),
        Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        new byte[] { 0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03, 0, 0, 0, 0, 0, 0, 0 },
        Header(0x31, 0x11, new byte[12]),
        Header(0x22, 0x11, new byte[12]),
        Header(0x21, 0x12, new byte[12]),
        Header(0x21, 0x11, new byte[11]),
        Header(0x21, 0x11, [.. new byte[12], 0x04, 0xFF, 0xFF]),
        Header(0x21, 0x11, [.. new byte[12], 0x03, 0x00, 0x04, 1, 2, 3, 4]),
        Header(0x21, 0x11, new byte[60_000]),
    };

    [Theory]
    [InlineData("V2", null)]
    [InlineData("V2Tls", "localhost")]
    public async Task HaProxyAsApplication_ReadsOurHeader(string version, string? authority)
    {
        await using var haProxy = await HaProxy.StartHeaderReaderAsync(Pki.Orders);
        await using var sidecar = await StartAsync($"tcp://127.0.0.1:{haProxy.Port}", ("ProxyProtocol", version));
        await using var peer = await ConnectAsync(sidecar);

        var answer = await peer.ExchangeAsync(Request);

        answer.Should().Contain($"x-source: {peer.LocalAddress}").And.Contain($"x-destination: 127.0.0.1:{sidecar.Tunnel(TunnelPair.In)}");
        answer.Contains($"x-authority: {authority}", StringComparison.Ordinal).Should().Be(authority is not null, answer);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("amqp")]
    public async Task HeaderWithTls_SaysWhoIsCalling(string? alpn)
    {
        await using var sidecar = await StartAsync(Application.Address, ("ProxyProtocol", "V2Tls"), ("Alpn", "amqp"));
        await using var peer = await WireConnection.ConnectAsync(
            Pki, Pki.Web, sidecar.Tunnel(TunnelPair.In), alpn: alpn is null ? [] : [new System.Net.Security.SslApplicationProtocol(alpn)]);
        await using var application = await Application.AcceptAsync();

        var (source, fields) = await ReadHeaderAsync(application.Stream);

        source.Should().Be(peer.LocalAddress);
        fields.Should().ContainKey(0x02).WhoseValue.Should().Equal("localhost"u8.ToArray());
        fields.Should().ContainKey(0xE0).WhoseValue.Should().Equal(Encoding.ASCII.GetBytes(WorkloadPki.SpiffeId("web")));
        (fields.TryGetValue(0x01, out var agreed) ? Encoding.ASCII.GetString(agreed) : null).Should().Be(alpn);
        var tls = fields[0x20];
        tls.AsSpan(0, 5).ToArray().Should().Equal([0x07, 0, 0, 0, 0], "TLS with a certificate that was verified");
        var inner = Fields(tls.AsSpan(5));
        inner[0x21].Should().Equal("TLSv1.3"u8.ToArray());
        inner[0x22].Should().Equal("web"u8.ToArray());
        inner[0x28].Should().Equal(Pki.Web.Certificate.Certificate.RawData);

        await peer.SendAsync("first byte");
        (await application.ReadUntilAsync("byte")).Should().Be("first byte");
    }

    [Fact]
    public async Task HaProxyAsLoadBalancer_SaysWhoseConnectionItIs()
    {
        await using var sidecar = await StartAsync(Application.Address, ("AcceptProxyProtocolFrom", new[] { "127.0.0.0/8" }), ("ProxyProtocol", "V2"));
        await using var balancer = await HaProxy.StartLoadBalancerAsync(Pki.Orders, sidecar.Tunnel(TunnelPair.In));
        await using var peer = await WireConnection.ConnectAsync(Pki, Pki.Web, balancer.Port);
        await using var application = await Application.AcceptAsync();

        (await ReadHeaderAsync(application.Stream)).Source.Should().Be(peer.LocalAddress, "what was taken is passed on");

        var shown = (await sidecar.PeersAsync()).GetProperty("peers")[0].GetProperty("remote").GetString();
        shown.Should().Be(peer.LocalAddress.ToString());
    }

    [Fact]
    public async Task HaProxyBeforeInbound_SaysWhoseRequestItIs()
    {
        await using var http = await HttpApplication.StartAsync();
        await using var sidecar = await SidecarProcess.StartAsync(SidecarSettings.For("orders", Pki.Orders, Pki)
            .Inbound(http.Address).Set("Inbound:AcceptProxyProtocolFrom", new[] { "127.0.0.1/32" }).Allow(WorkloadPki.SpiffeId("web")));
        await using var balancer = await HaProxy.StartLoadBalancerAsync(Pki.Orders, sidecar.Inbound.Port);
        await using var peer = await WireConnection.ConnectAsync(Pki, Pki.Web, balancer.Port);

        var answer = await peer.ExchangeAsync("GET /headers HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n");

        answer.Should().Contain("200 OK").And.MatchRegex($"X-Forwarded-For\"[^\\]]*127.0.0.1");
    }

    [Fact]
    public async Task ClientThatALoadBalancerNames_IsTheOneThatApplicationAndOperatorSee()
    {
        await using var http = await HttpApplication.StartAsync();
        await using var sidecar = await StartHttpAsync(http, "127.0.0.1/32");
        await using var plain = await WireConnection.ConnectPlainAsync(sidecar.Inbound.Port);
        await plain.Stream.WriteAsync(Header(0x21, 0x11, [198, 51, 100, 7, 203, 0, 113, 1, 0x9C, 0x40, 0x01, 0xBB]));
        await using var peer = await plain.StartTlsAsync(MtlsClient.TlsOptions(Pki, Pki.Web));

        await peer.SendAsync("GET /headers HTTP/1.1\r\nHost: orders\r\n\r\n");

        (await peer.ReadUntilAsync("X-Forwarded-Proto")).Should().MatchRegex("X-Forwarded-For\"[^\\]]*\"198.51.100.7\"");
        var shown = (await sidecar.PeersAsync()).GetProperty("peers")[0];
        shown.GetProperty("remote").GetString().Should().Be("198.51.100.7:40000");
    }

    [Fact]
    public async Task HeaderBeforeInboundFromAnywhereElse_IsNotBelieved()
    {
        await using var http = await HttpApplication.StartAsync();
        await using var sidecar = await StartHttpAsync(http, "198.51.100.0/24");
        await using var plain = await WireConnection.ConnectPlainAsync(sidecar.Inbound.Port);
        await plain.Stream.WriteAsync(Header(0x21, 0x11, [198, 51, 100, 7, 203, 0, 113, 1, 0x9C, 0x40, 0x01, 0xBB]));

        var remote = plain.LocalAddress.ToString();
        var start = async () => await plain.StartTlsAsync(MtlsClient.TlsOptions(Pki, Pki.Web));

        await start.Should().ThrowAsync<IOException>();
        (await sidecar.Log.WaitForEventAsync("HandshakeFailed"))["Remote"].Should().Be(remote);
        http.Connections.Should().Be(0);
    }

    [Fact]
    public async Task NginxAsApplication_ReadsOurHeader()
    {
        await using var nginx = await Nginx.StartHeaderReaderAsync();
        await using var sidecar = await StartAsync($"tcp://127.0.0.1:{nginx.Port}", ("ProxyProtocol", "V2Tls"));
        await using var peer = await ConnectAsync(sidecar);

        (await peer.ExchangeAsync(Request)).Should().Contain($"source {peer.LocalAddress}");
    }

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Garbage_IsRefused(byte[] bytes)
    {
        await using var sidecar = await StartAsync(Application.Address, ("AcceptProxyProtocolFrom", new[] { "127.0.0.1/32" }));
        await using var connection = await WireConnection.ConnectPlainAsync(sidecar.Tunnel(TunnelPair.In));

        await TrySendAsync(connection, bytes);

        (await connection.ReadToEndAsync()).Should().BeEmpty();
        (await sidecar.Log.WaitForEventAsync("ProxyHeaderRefused"))["Listener"].Should().Be(TunnelPair.In);
        Application.IsUntouched.Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task GarbageBeforeInbound_IsRefused(byte[] bytes)
    {
        await using var sidecar = await SidecarProcess.StartAsync(SidecarSettings.For("orders", Pki.Orders, Pki)
            .Inbound("http://127.0.0.1:9").Set("Inbound:AcceptProxyProtocolFrom", new[] { "127.0.0.1/32" }));
        await using var connection = await WireConnection.ConnectPlainAsync(sidecar.Inbound.Port);

        await TrySendAsync(connection, bytes);

        (await connection.ReadToEndAsync()).Should().BeEmpty();
        (await sidecar.Log.WaitForEventAsync("ProxyHeaderRefused"))["Listener"].Should().Be("Inbound");
    }

    [Fact]
    public async Task HeaderThatDribbles_IsRefusedInTime()
    {
        await using var sidecar = await StartAsync(
            Application.Address, ("AcceptProxyProtocolFrom", new[] { "127.0.0.1/32" }), ("HandshakeTimeout", "00:00:01"));
        await using var connection = await WireConnection.ConnectPlainAsync(sidecar.Tunnel(TunnelPair.In));

        await connection.Stream.WriteAsync(Signature);

        (await connection.ReadToEndAsync()).Should().BeEmpty();
        await sidecar.Log.WaitForRefusalAsync("DeadlineExceeded");
    }

    [Theory]
    [InlineData("198.51.100.0/24")]
    [InlineData(null)]
    public async Task HeaderFromAnywhereElse_IsNotBelieved(string? network)
    {
        await using var sidecar = network is null
            ? await StartAsync(Application.Address)
            : await StartAsync(Application.Address, ("AcceptProxyProtocolFrom", new[] { network }));
        await using var balancer = await HaProxy.StartLoadBalancerAsync(Pki.Orders, sidecar.Tunnel(TunnelPair.In));

        var connect = async () => await WireConnection.ConnectAsync(Pki, Pki.Web, balancer.Port);

        await connect.Should().ThrowAsync<IOException>();
        await sidecar.Log.WaitForEventAsync("HandshakeFailed");
        Application.IsUntouched.Should().BeTrue();
    }

    [Fact]
    public async Task HealthCheckOfALoadBalancer_KeepsItsOwnAddress()
    {
        await using var sidecar = await StartAsync(Application.Address, ("AcceptProxyProtocolFrom", new[] { "127.0.0.1/32" }), ("ProxyProtocol", "V2"));
        await using var plain = await WireConnection.ConnectPlainAsync(sidecar.Tunnel(TunnelPair.In));
        await plain.Stream.WriteAsync(Header(0x20, 0x00, [1, 2, 3]));
        await using var tls = new System.Net.Security.SslStream(plain.Stream);

        await tls.AuthenticateAsClientAsync(MtlsClient.TlsOptions(Pki, Pki.Web));

        await using var application = await Application.AcceptAsync();
        (await ReadHeaderAsync(application.Stream)).Source.Should().Be(plain.LocalAddress);
    }

    private static byte[] Header(byte command, byte family, byte[] body)
        => [.. Signature, command, family, (byte)(body.Length >> 8), (byte)body.Length, .. body];

    private static async Task TrySendAsync(WireConnection connection, byte[] bytes)
    {
        try
        {
            await connection.Stream.WriteAsync(bytes);
        }
        catch (IOException)
        {
            // Refused while we still wrote.
        }
    }

    private static async Task<(IPEndPoint Source, Dictionary<byte, byte[]> Fields)> ReadHeaderAsync(Stream stream)
    {
        var prefix = new byte[16];
        await stream.ReadExactlyAsync(prefix);
        prefix[..12].Should().Equal(Signature);
        prefix[12..14].Should().Equal([0x21, 0x11]);
        var body = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix.AsSpan(14))];
        await stream.ReadExactlyAsync(body);
        return (new IPEndPoint(new IPAddress(body[..4]), BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(8))), Fields(body.AsSpan(12)));
    }

    private static Dictionary<byte, byte[]> Fields(ReadOnlySpan<byte> bytes)
    {
        var fields = new Dictionary<byte, byte[]>();
        while (!bytes.IsEmpty)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[1..]);
            fields.Add(bytes[0], bytes.Slice(3, length).ToArray());
            bytes = bytes[(3 + length)..];
        }

        return fields;
    }

    private Task<SidecarProcess> StartHttpAsync(HttpApplication application, string network) => SidecarProcess.StartAsync(
        SidecarSettings.For("orders", Pki.Orders, Pki)
            .Inbound(application.Address).Set("Inbound:AcceptProxyProtocolFrom", new[] { network }).Allow(WorkloadPki.SpiffeId("web")));

    private Task<WireConnection> ConnectAsync(SidecarProcess sidecar) => WireConnection.ConnectAsync(Pki, Pki.Web, sidecar.Tunnel(TunnelPair.In));

    private Task<SidecarProcess> StartAsync(string application, params IEnumerable<(string Key, object Value)> options)
    {
        var settings = Orders().Set($"Tunnels:{TunnelPair.In}:Destinations", new[] { application });
        options.ToList().ForEach(option => settings.Set($"Tunnels:{TunnelPair.In}:{option.Key}", option.Value));
        return SidecarProcess.StartAsync(settings);
    }
}
