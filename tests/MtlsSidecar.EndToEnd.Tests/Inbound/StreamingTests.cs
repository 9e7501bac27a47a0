using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Inbound;

/// <summary>Contract, behaviour 4: whatever HTTP can carry goes through both sidecars without being held back.</summary>
public abstract class StreamingTests(PairFixture fixture)
{
    private protected Uri At(string pathAndQuery) => fixture.At(pathAndQuery);

    private const long Large = 48 * 1024 * 1024 + 17;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LargeUpload_ArrivesWhole(bool chunked)
    {
        using var client = PlainClient.Create();
        client.Timeout = TimeSpan.FromMinutes(2);

        using var response = await client.PostAsync(fixture.At("/upload"), new BodyPatternContent(Large, chunked));

        var echo = (await response.Content.ReadFromJsonAsync<Echo>())!;
        echo.BodyLength.Should().Be(Large);
        echo.BodySha256.Should().Be(BodyPattern.Sha256(Large));
    }

    [Theory]
    [InlineData("")]
    [InlineData("&chunked")]
    public async Task LargeDownload_ArrivesWhole(string chunked)
    {
        using var client = PlainClient.Create();

        using var response = await client.GetAsync(fixture.At($"/download?bytes={Large}{chunked}"), HttpCompletionOption.ResponseHeadersRead);

        response.Content.Headers.ContentLength.Should().Be(chunked.Length == 0 ? Large : null);
        using var hash = SHA256.Create();
        Convert.ToHexStringLower(await hash.ComputeHashAsync(await response.Content.ReadAsStreamAsync())).Should().Be(BodyPattern.Sha256(Large));
    }

    [Fact]
    public async Task SlowUpload_ArrivesPieceByPiece()
    {
        using var client = PlainClient.Create();
        using var duplex = new DuplexContent();
        var call = client.PostAsync(fixture.At("/upload"), duplex);

        // Each piece must arrive before the next is sent: nothing on the way may wait for more.
        var sent = 0L;
        foreach (var piece in new[] { "first", "second", "third" })
        {
            var before = fixture.Application.BytesReceived;
            await duplex.SendAsync(piece);
            sent += piece.Length;
            await Eventually.HoldsAsync(() => fixture.Application.BytesReceived >= before + piece.Length, $"'{piece}' arrives");
        }

        duplex.Complete();
        using var response = await call;
        (await response.Content.ReadFromJsonAsync<Echo>())!.BodyLength.Should().Be(sent);
    }

    [Fact]
    public async Task ServerSentEvents_ArriveOneByOne()
    {
        using var client = PlainClient.Create();
        using var response = await client.GetAsync(fixture.At("/events"), HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        foreach (var data in new[] { "one", "two", "three" })
        {
            fixture.Application.Endpoints.Publish(data);
            (await reader.ReadLineAsync()).Should().Be($"data: {data}");
            (await reader.ReadLineAsync()).Should().BeEmpty();
        }
    }

    [Fact]
    public async Task CallerThatGoesAway_IsNoticedByTheApplication()
    {
        using var client = PlainClient.Create();
        using var cancel = new CancellationTokenSource();
        var aborted = fixture.Application.Endpoints.Aborted;
        var call = client.GetAsync(fixture.At("/wait"), cancel.Token);
        await Eventually.HoldsAsync(() => fixture.Application.Endpoints.Waiting > 0, "the application got the request");

        await cancel.CancelAsync();

        await call.Invoking(running => running).Should().ThrowAsync<OperationCanceledException>();
        await Eventually.HoldsAsync(() => fixture.Application.Endpoints.Aborted > aborted, "the application saw the end");
    }

    [Fact]
    public async Task WebSocket_CarriesMessagesBothWaysAndItsClose()
    {
        using var socket = new ClientWebSocket();
        socket.Options.Proxy = null;
        await socket.ConnectAsync(new UriBuilder(fixture.At("/websocket")) { Scheme = "ws" }.Uri, CancellationToken.None);
        var buffer = new byte[128 * 1024];

        foreach (var message in new[] { "hello", new string('x', 60_000) })
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            var text = new StringBuilder();
            ValueWebSocketReceiveResult received;
            do
            {
                received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                text.Append(Encoding.ASCII.GetString(buffer, 0, received.Count));
            }
            while (!received.EndOfMessage);
            text.ToString().Should().Be(message);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", CancellationToken.None);
        socket.CloseStatus.Should().Be(WebSocketCloseStatus.NormalClosure);
    }

    [Fact]
    public async Task Expect100Continue_IsAnsweredBeforeTheBody()
    {
        await using var connection = await WireConnection.ConnectPlainAsync(fixture.Web.Outbound.Port);

        await connection.SendAsync("POST /upload HTTP/1.1\r\nHost: orders\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
        await connection.ReadUntilAsync("HTTP/1.1 100 Continue\r\n\r\n");
        var response = RawResponse.Parse(await connection.ExchangeAsync("body"));

        response.Status.Should().Be(200);
        response.Body.Should().Contain("\"bodyLength\":4");
    }

    [Theory]
    [InlineData("HEAD", "/download?bytes=1234", 200)]
    [InlineData("GET", "/status/204", 204)]
    [InlineData("GET", "/status/304", 304)]
    public async Task AnswerWithoutABody_LeavesTheConnectionUsable(string method, string target, int status)
    {
        await using var connection = await WireConnection.ConnectPlainAsync(fixture.Web.Outbound.Port);

        await connection.SendAsync($"{method} {target} HTTP/1.1\r\nHost: orders\r\n\r\n");
        var first = RawResponse.Parse(await connection.ReadUntilAsync("\r\n\r\n"));
        var second = RawResponse.Parse(await connection.ExchangeAsync("GET /next HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n"));

        first.Status.Should().Be(status);
        first.Body.Should().BeEmpty();
        second.Status.Should().Be(200);
        if (method == "HEAD")
        {
            first.Head.Should().MatchRegex("(?i)content-length: 1234");
        }
    }

    [Theory]
    [InlineData(201)]
    [InlineData(404)]
    [InlineData(418)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task StatusOfTheApplication_IsPassedOnAsItIs(int status)
    {
        using var client = PlainClient.Create();
        using var request = new HttpRequestMessage(HttpMethod.Get, fixture.At($"/status/{status}"));

        using var response = await client.SendAsync(request);

        ((int)response.StatusCode).Should().Be(status);
        response.Headers.ETag!.Tag.Should().Be("\"1\"");
    }

    /// <summary>Between the sidecars HTTP/2, the default.</summary>
    public sealed class OverHttp2(PairFixture fixture) : StreamingTests(fixture), IClassFixture<PairFixture>;

    /// <summary>Between the sidecars HTTP/1.1.</summary>
    public sealed class OverHttp1(OverHttp1.Fixture fixture) : StreamingTests(fixture), IClassFixture<OverHttp1.Fixture>
    {

        // A server of Kestrel's defaults ends a request whose body comes at less than 240 bytes a second for five seconds.
        [Fact]
        public async Task UploadOfAFewBytesASecond_ArrivesWhole()
        {
            using var client = PlainClient.Create();
            using var duplex = new DuplexContent();
            var call = client.PostAsync(At("/upload"), duplex);
            for (var i = 0; i < 70; i++)
            {
                await duplex.SendAsync("x");
                await Task.Delay(100);
            }

            duplex.Complete();
            using var response = await call;
            response.StatusCode.Should().Be(HttpStatusCode.OK);
            (await response.Content.ReadFromJsonAsync<Echo>())!.BodyLength.Should().Be(70);
        }

        public sealed class Fixture : PairFixture
        {
            protected override void ConfigureCaller(SidecarSettings settings) => settings.Set("Outbound:Upstreams:orders:Protocol", "Http1");
        }
    }
}
