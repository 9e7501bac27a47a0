using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using MtlsSidecar.Proxy.Http;

namespace MtlsSidecar.Proxy.Tests.Http;

public sealed class RequestGuardTests
{
    private HttpContext? _passed;
    private Dictionary<string, string> _headers = [];

    [Theory]
    [InlineData("POST / HTTP/1.1", "Content-Length: 5", "Transfer-Encoding: chunked")]
    [InlineData("POST / HTTP/1.1", "X-Content-Length: 5", "Transfer-Encoding: chunked")]
    [InlineData("POST / HTTP/1.1", "Transfer-Encoding: gzip, chunked")]
    [InlineData("POST / HTTP/1.1", "Transfer-Encoding: chunked, chunked")]
    [InlineData("POST / HTTP/1.1", "Transfer-Encoding: chunked,")]
    [InlineData("POST / HTTP/1.1", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked")]
    [InlineData("POST / HTTP/1.1", "Transfer-Encoding: identity", "Transfer-Encoding: chunked")]
    [InlineData("POST / HTTP/1.0", "Transfer-Encoding: chunked")]
    [InlineData("POST / HTTP/1.1", "Transfer_Encoding: chunked", "Content-Length: 5")]
    [InlineData("POST / HTTP/1.1", "content.length: 9", "Content-Length: 5")]
    [InlineData("GET / HTTP/1.1", "X(A): 1")]
    [InlineData("get / HTTP/1.1")]
    [InlineData("Post / HTTP/1.1")]
    [InlineData("query / HTTP/1.1")]
    [InlineData("POST / HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket")]
    [InlineData("FOO / HTTP/1.1", "Connection: Upgrade", "Upgrade: WebSocket")]
    public async Task AmbiguousHttp1Request_IsRefusedAndTheConnectionClosed(string requestLine, params string[] headers)
    {
        var (answer, closed) = await SendHttp1Async([requestLine, "Host: orders", .. headers], "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: orders\r\n\r\n");

        answer.Should().StartWith("HTTP/1.1 400 ").And.Contain("Connection: close").And.Contain("\"bad_request\"");
        answer.Split("HTTP/1.1 ").Should().HaveCount(2, "what follows must not be answered as a request");
        closed.Should().BeTrue();
        _passed.Should().BeNull();
    }

    [Theory]
    [InlineData("Transfer-Encoding: identity")]
    [InlineData("Transfer-Encoding: chunked, identity")]
    [InlineData("Content-Length: 5\r\nContent-Length: 5")]
    [InlineData("Content-Length: 0x5")]
    [InlineData("X-A: b\rX-B: c")]
    [InlineData("X-A: b\0c")]
    [InlineData("Connection: b\0c")]
    [InlineData("Connection: b\rX-B: c")]
    [InlineData("X-A : b")]
    [InlineData("X-A: b\r\n c")]
    public async Task WhatKestrelRefusesByItself_StaysRefused(string header)
    {
        var (answer, closed) = await SendHttp1Async(["POST / HTTP/1.1", "Host: orders", header], "0\r\n\r\n");

        answer.Should().StartWith("HTTP/1.1 400 ");
        closed.Should().BeTrue();
        _passed.Should().BeNull();
    }

    [Theory]
    [InlineData("CONNECT orders:80 HTTP/1.1", "Host: orders:80")]
    [InlineData("CONNECT / HTTP/1.1", "Host: orders")]
    [InlineData("connect orders:80 HTTP/1.1", "Host: orders:80")]
    public async Task Connect_IsRefusedAndTheConnectionClosed(string requestLine, string host)
    {
        var (answer, closed) = await SendHttp1Async([requestLine, host], "");

        answer.Should().StartWith("HTTP/1.1 405 ");
        closed.Should().BeTrue();
        _passed.Should().BeNull();
    }

    [Theory]
    [InlineData("POST / HTTP/1.1", "Transfer-Encoding: chunked")]
    [InlineData("POST / HTTP/1.1", "Transfer-Encoding: Chunked")]
    [InlineData("POST / HTTP/1.1", "X-Content-Length: 5")]
    [InlineData("PURGE / HTTP/1.1", "X-A: 1")]
    [InlineData("GET / HTTP/1.1", "X-A_b.c: caf")]
    public async Task OrdinaryRequest_PassesAndTheConnectionStays(string requestLine, string header)
    {
        var body = header.StartsWith("Transfer", StringComparison.Ordinal) ? "0\r\n\r\n" : "";

        var (answer, closed) = await SendHttp1Async([requestLine, "Host: orders", header], body);

        answer.Should().StartWith("HTTP/1.1 200 ");
        closed.Should().BeFalse();
        _headers.Should().ContainKey(header.Split(':')[0]);
    }

    [Theory]
    [InlineData("websocket", true)]
    [InlineData("WebSocket", true)]
    [InlineData("h2c", false)]
    [InlineData("SPDY/3.1", false)]
    [InlineData("websocket, h2c", false)]
    [InlineData("websocket\r\nUpgrade: SPDY/3.1", false)]
    public async Task OnlyWebSocket_MaySwitchProtocols(string upgrade, bool isKept)
    {
        var (answer, _) = await SendHttp1Async(["GET / HTTP/1.1", "Host: orders", "Connection: Upgrade", "Upgrade: " + upgrade], "");

        answer.Should().StartWith("HTTP/1.1 200 ");
        _headers.ContainsKey("Upgrade").Should().Be(isKept);
    }

    [Theory]
    [InlineData("transfer-encoding", "chunked")]
    [InlineData("x a", "1")]
    [InlineData("x:a", "1")]
    [InlineData("x\r\na", "1")]
    [InlineData("content_length", "5")]
    public async Task AmbiguousHttp2Request_IsRefused(string name, string value)
    {
        var status = await SendHttp2Async((":method", "POST"), (":scheme", "http"), (":path", "/"), (":authority", "orders"), (name, value));

        status.Should().Be(400);
        _passed.Should().BeNull();
    }

    [Theory]
    [InlineData("websocket", 200)]
    [InlineData("connect-udp", 405)]
    public async Task ExtendedConnect_IsForWebSocketOnly(string protocol, int expected)
    {
        var status = await SendHttp2Async(
            (":method", "CONNECT"), (":protocol", protocol), (":scheme", "http"), (":path", "/"), (":authority", "orders"));

        status.Should().Be(expected);
        (_passed is not null).Should().Be(expected == 200);
    }

    [Fact]
    public async Task ExtendedConnectForWebSocket_IsJudgedAsTheGetThatItStandsFor()
    {
        var method = "";
        await SendHttp2Async(
            context => method = RequestMethod.ForJudging(context),
            (":method", "CONNECT"), (":protocol", "WebSocket"), (":scheme", "http"), (":path", "/"), (":authority", "orders"));

        method.Should().Be("GET");
    }

    [Fact]
    public async Task ConnectOverHttp2_IsRefused()
        => (await SendHttp2Async((":method", "CONNECT"), (":authority", "orders:80"))).Should().Be(405);

    [Fact]
    public async Task IdentityHeaders_AreRemovedInEverySpelling()
    {
        await SendHttp1Async(
            ["GET / HTTP/1.1", "Host: orders", "X-Forwarded-Client-Cert: a", "x_forwarded_client_cert: b", "X.Forwarded-Client.Cert: c",
             "Client-Cert: d", "CLIENT_CERT: e", "client.cert-chain: f", "X-Forwarded-For: g", "X-Own: kept"], "");

        _headers.Keys.Should().BeEquivalentTo("Host", "X-Forwarded-For", "X-Own");
    }

    [Fact]
    public async Task ForwardedClientCert_StaysWhereItIsForwardedButOnlyUnderItsName()
    {
        await SendHttp1Async(
            ["GET / HTTP/1.1", "Host: orders", "x-forwarded-client-cert: a", "X_Forwarded_Client_Cert: b", "Client-Cert: c"], "",
            new RequestGuardOptions { KeepsForwardedClientCert = true });

        _headers.Keys.Should().BeEquivalentTo("Host", "x-forwarded-client-cert");
    }

    [Fact]
    public async Task ForwardingHeaders_AreRemovedWhereTheyAreReplaced()
    {
        await SendHttp1Async(
            ["GET / HTTP/1.1", "Host: orders", "X-Forwarded-For: a", "x_forwarded_proto: b", "X-Forwarded.Host: c", "Forwarded: d"], "",
            new RequestGuardOptions { RemovesForwarding = true });

        _headers.Keys.Should().BeEquivalentTo("Host");
    }

    [Theory]
    [InlineData("X-One, X-Two")]
    [InlineData("keep-alive, X-One ,x-two")]
    [InlineData("X-One,\tX-Two, close")]
    [InlineData("close, X-One, X-Two")]
    [InlineData("Upgrade, X-One, X-Two")]
    [InlineData("X-One, X-Two, keep-alive, close")]
    [InlineData("X-One\r\nConnection: keep-alive, X-Two")]
    [InlineData("X-One\r\nConnection: X-Two\r\nConnection: keep-alive")]
    [InlineData("keep-alive\r\nConnection: X-One, , X-Two")]
    public async Task HeadersNamedByConnection_AreRemoved(string connection)
    {
        var (answer, _) = await SendHttp1Async(
            ["GET / HTTP/1.1", "Host: orders", "Connection: " + connection, "X-One: 1", "X-Two: 2", "X-Three: 3"], "");

        answer.Should().StartWith("HTTP/1.1 200 ");
        _headers.Keys.Should().BeEquivalentTo("Host", "Connection", "X-Three");
    }

    [Theory]
    [InlineData("keep-alive")]
    [InlineData("Keep-Alive")]
    [InlineData("keep-alive, Upgrade")]
    [InlineData("TE, keep-alive")]
    public async Task ConnectionThatNamesNoHeader_StaysOpen(string connection)
    {
        var (answer, closed) = await SendHttp1Async(["GET / HTTP/1.1", "Host: orders", "Connection: " + connection], "");

        answer.Should().StartWith("HTTP/1.1 200 ").And.NotContain("Connection: close");
        closed.Should().BeFalse();
    }

    [Fact]
    public async Task HeaderValueOfAnyEncoding_PassesUnchanged()
    {
        await SendHttp1Async(["GET / HTTP/1.1", "Host: orders", "X-A: caf\u00e9 caf\u00c3\u00a9"], "");

        _headers["X-A"].Should().Be("caf\u00e9 caf\u00c3\u00a9");
    }

    [Fact]
    public async Task HeadersThatFrameTheMessage_CannotBeRemovedByNamingThem()
    {
        await SendHttp1Async(["POST / HTTP/1.1", "Host: orders", "Connection: Host, Content-Length, Transfer-Encoding", "Content-Length: 0"], "");

        _headers.Keys.Should().BeEquivalentTo("Host", "Connection", "Content-Length");
    }

    private async Task<(string Answer, bool Closed)> SendHttp1Async(string[] lines, string body, RequestGuardOptions? options = null)
    {
        await using var server = await RawServer.StartAsync(HttpProtocols.Http1, Guard(options), context => PassAsync(context, null));
        return await server.SendAsync(
            Encoding.Latin1.GetBytes(string.Join("\r\n", lines) + "\r\n\r\n" + body),
            answer => answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal) && answer.EndsWith("\r\n\r\n", StringComparison.Ordinal));
    }

    private Task<int> SendHttp2Async(params (string Name, string Value)[] fields) => SendHttp2Async(null, fields);

    private async Task<int> SendHttp2Async(Action<HttpContext>? inspect, params (string Name, string Value)[] fields)
    {
        await using var server = await RawServer.StartAsync(HttpProtocols.Http2, Guard(null), context => PassAsync(context, inspect));
        var (answer, _) = await server.SendAsync(RawHttp2Request.Create(fields), answer => ReadStatus(answer) is not null);
        return ReadStatus(answer) ?? throw new InvalidOperationException("no answer");
    }

    private static Func<RequestDelegate, RequestDelegate> Guard(RequestGuardOptions? options)
    {
        var guard = new RequestGuard(options ?? new RequestGuardOptions());
        return next => context => guard.Check(context) is { } problem ? ProblemWriter.WriteAsync(context, problem) : next(context);
    }

    private Task PassAsync(HttpContext context, Action<HttpContext>? inspect)
    {
        inspect?.Invoke(context);
        _passed = context;
        _headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString());
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    /// <summary>The status of the first HEADERS frame: indexed (RFC 7541 appendix A) or a literal of three digits.</summary>
    private static int? ReadStatus(string bytes)
    {
        for (var i = 0; i + 9 <= bytes.Length; i += 9 + (bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2]))
        {
            if (bytes[i + 3] == 1 && i + 9 < bytes.Length)
            {
                return bytes[i + 9] switch
                {
                    (char)0x88 => 200,
                    (char)0x8c => 400,
                    (char)0x8d => 404,
                    _ => int.Parse(bytes.AsSpan(i + 11, 3), System.Globalization.CultureInfo.InvariantCulture),
                };
            }
        }

        return null;
    }
}
