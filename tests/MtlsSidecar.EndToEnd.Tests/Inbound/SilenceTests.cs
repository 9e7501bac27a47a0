using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Inbound;

/// <summary>Contract, <c>IdleTimeout</c>: no byte either way ends an exchange, but not a WebSocket, a gRPC call or an event stream.</summary>
public abstract class SilenceTests(SilenceTests.Fixture fixture)
{
    private protected Uri At(string pathAndQuery) => fixture.At(pathAndQuery);

    private protected HttpApplication Application => fixture.Application;

    [Fact]
    public async Task WebSocket_OutlivesTheIdleTimeout()
    {
        using var socket = new ClientWebSocket();
        socket.Options.Proxy = null;
        await socket.ConnectAsync(new UriBuilder(fixture.At("/websocket")) { Scheme = "ws" }.Uri, CancellationToken.None);
        await EchoAsync(socket, "before");

        await IdleTimeoutPassesAsync();

        await EchoAsync(socket, "after");
    }

    [Fact]
    public async Task EventStream_OutlivesTheIdleTimeout()
    {
        using var client = PlainClient.Create();
        using var response = await client.GetAsync(fixture.At("/events"), HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        await IdleTimeoutPassesAsync();

        fixture.Application.Endpoints.Publish("after");
        (await reader.ReadLineAsync()).Should().Be("data: after");
    }

    private static async Task EchoAsync(ClientWebSocket socket, string message)
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        var buffer = new byte[100];
        var received = await socket.ReceiveAsync(buffer, CancellationToken.None);
        Encoding.ASCII.GetString(buffer, 0, received.Count).Should().Be(message);
    }

    // An upload that pauses, begun later than what is being tested: when it is ended for that, the other one was silent for longer.
    private protected async Task IdleTimeoutPassesAsync()
    {
        using var client = PlainClient.Create(HttpVersion.Version20);
        using var duplex = new DuplexContent();
        using var response = await client.PostAsync(fixture.At("/upload"), duplex);

        response.StatusCode.Should().Be(HttpStatusCode.GatewayTimeout);
    }

    /// <summary>Between the sidecars HTTP/2, the default; the application speaks HTTP/1.1.</summary>
    public sealed class OverHttp2(Fixture fixture) : SilenceTests(fixture), IClassFixture<Fixture>;

    /// <summary>Between the sidecars HTTP/1.1.</summary>
    public sealed class OverHttp1(OverHttp1.Http1Fixture fixture) : SilenceTests(fixture), IClassFixture<OverHttp1.Http1Fixture>
    {
        public sealed class Http1Fixture : Fixture
        {
            protected override void ConfigureCaller(SidecarSettings settings)
            {
                base.ConfigureCaller(settings);
                settings.Set("Outbound:Upstreams:orders:Protocol", "Http1");
            }
        }
    }

    /// <summary>HTTP/2 all the way to the application, which gRPC needs.</summary>
    public sealed class ToHttp2Application(ToHttp2Application.Http2Fixture fixture) : SilenceTests(fixture), IClassFixture<ToHttp2Application.Http2Fixture>
    {
        [Fact]
        public async Task GrpcCallWhoseCallerPauses_OutlivesTheIdleTimeout()
        {
            using var client = PlainClient.Create(HttpVersion.Version20);
            using var duplex = new DuplexContent();
            var before = Application.BytesReceived;
            var call = CallAsync(client, "/grpc/collect", duplex);
            await duplex.SendAsync("before");
            await Eventually.HoldsAsync(() => Application.BytesReceived >= before + "before".Length, "the first message arrives");

            await IdleTimeoutPassesAsync();

            await duplex.SendAsync("after");
            duplex.Complete();
            using var response = await call;
            (await response.Content.ReadAsStringAsync()).Should().Be("beforeafter");
            response.TrailingHeaders.GetValues("grpc-status").Should().Equal("0");
        }

        [Fact]
        public async Task GrpcStreamThatPauses_OutlivesTheIdleTimeout()
        {
            using var client = PlainClient.Create(HttpVersion.Version20);
            using var duplex = new DuplexContent();
            using var response = await CallAsync(client, "/grpc/echo", duplex);
            await using var received = await response.Content.ReadAsStreamAsync();
            var buffer = new byte[5];

            foreach (var message in new[] { "call1", "call2" })
            {
                await duplex.SendAsync(message);
                await received.ReadExactlyAsync(buffer);
                Encoding.ASCII.GetString(buffer).Should().Be(message);
                await IdleTimeoutPassesAsync();
            }
        }

        [Fact]
        public async Task DownloadThatPauses_IsBrokenOff()
        {
            using var client = PlainClient.Create(HttpVersion.Version20);
            using var duplex = new DuplexContent();
            using var request = new HttpRequestMessage(HttpMethod.Post, At("/mirror")) { Content = duplex };
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

            await response.Content.Invoking(content => content.ReadAsByteArrayAsync()).Should().ThrowAsync<HttpRequestException>();
        }

        private Task<HttpResponseMessage> CallAsync(HttpClient client, string path, DuplexContent content)
        {
            content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
            var request = new HttpRequestMessage(HttpMethod.Post, At(path)) { Content = content };
            request.Headers.TE.ParseAdd("trailers");
            return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        }

        public sealed class Http2Fixture : Fixture
        {
            protected override Task<HttpApplication> StartApplicationAsync() => HttpApplication.StartAsync(HttpProtocols.Http2);

            protected override void Configure(SidecarSettings settings)
            {
                base.Configure(settings);
                settings.Set("Inbound:ApplicationProtocol", "Http2");
            }
        }
    }

    public class Fixture : PairFixture
    {
        protected override void Configure(SidecarSettings settings) => settings.Set("Inbound:IdleTimeout", "00:00:01");

        protected override void ConfigureCaller(SidecarSettings settings) => settings.Set("Outbound:Upstreams:orders:IdleTimeout", "00:00:01");
    }
}
