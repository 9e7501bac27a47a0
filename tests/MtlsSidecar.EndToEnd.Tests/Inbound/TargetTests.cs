using System.Net.Security;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Inbound;

/// <summary>Contract, behaviour 2: ambiguous targets are refused before judging, all others arrive byte for byte.</summary>
public sealed class TargetTests : IClassFixture<RawInboundFixture>
{
    private readonly RawInboundFixture _fixture;

    public TargetTests(RawInboundFixture fixture)
    {
        _fixture = fixture;
        _fixture.Application.Forget();
    }

    [Theory]
    [InlineData("/plain")]
    [InlineData("/")]
    [InlineData("/a//b///c/")]
    [InlineData("/%41%7e%7E/%20/%C3%A4")]
    [InlineData("/a;x=1;y/b,c/@:!$&'()*+,;=-._~")]
    [InlineData("/query?")]
    [InlineData("/query?a=%2e%2e%2f&b=/../c?d=%5c;")]
    [InlineData("/dots/..a/a../...")]
    [InlineData("/%25%32%66")]
    [InlineData("//evil.test/path")]
    [InlineData("/caf%E9/%ff")]
    [InlineData("/a?b[]=1")]
    public async Task UnambiguousTarget_ArrivesByteForByte(string target)
    {
        (await SendAsync(target)).Status.Should().Be(200);

        _fixture.Application.Received.Should().StartWith($"GET {target} HTTP/1.1\r\n");
    }

    [Theory]
    [InlineData("http://orders/exact%2Dly?q=1", "/exact%2Dly?q=1")]
    [InlineData("https://orders:8443/x", "/x")]
    [InlineData("http://orders", "/")]
    public async Task AbsoluteTarget_ArrivesWithoutItsAuthority(string target, string arrived)
    {
        var host = target.Split('/')[2];

        (await SendAsync(target, host)).Status.Should().Be(200);

        _fixture.Application.Received.Should().StartWith($"GET {arrived} HTTP/1.1\r\n");
    }

    [Fact]
    public async Task HostOfTheAbsoluteTarget_OutranksTheHostHeader()
    {
        (await SendAsync("http://orders/x", "other")).Status.Should().Be(200);

        _fixture.Application.Received.Should().Contain("\r\nHost: orders\r\n").And.Contain("\r\nX-Forwarded-Host: orders\r\n").And.NotContain("other");
    }

    [Theory]
    [InlineData("/a/../b")]
    [InlineData("/a/./b")]
    [InlineData("/..")]
    [InlineData("/a/%2e%2e/b")]
    [InlineData("/a/.%2E/b")]
    [InlineData("/a/%2e/b")]
    [InlineData("/a\\b")]
    [InlineData("/a%5cb")]
    [InlineData("/a%5Cb")]
    [InlineData("/a%00b")]
    [InlineData("/a%2fb")]
    [InlineData("/a%2Fb")]
    [InlineData("/a%zzb")]
    [InlineData("/a%2")]
    [InlineData("/a%")]
    [InlineData("/a#b")]
    [InlineData("/a<b")]
    [InlineData("/a\"b")]
    [InlineData("/a{b}")]
    [InlineData("/a|b")]
    [InlineData("/a^b")]
    [InlineData("/a`b")]
    [InlineData("/ä")]
    [InlineData("/a[b]")]
    [InlineData("/%c0%ae%c0%ae/b")]
    [InlineData("/a%e0%80%afb")]
    [InlineData("/a/.%ff./b")]
    [InlineData("/a?b<c")]
    [InlineData("/a?b#c")]
    [InlineData("/a?b%zz")]
    [InlineData("/a?b=%00")]
    [InlineData("http://orders/a/../b")]
    public async Task AmbiguousTarget_IsRefusedBeforeAnybodyJudgesIt(string target)
    {
        var response = await SendAsync(target);

        response.Status.Should().Be(400);
        _fixture.Application.Received.Should().BeEmpty();
    }

    [Fact]
    public async Task AmbiguousTarget_IsExplainedAsBadTarget()
    {
        var response = await SendAsync("/a/%2e%2e/b");

        response.Head.Should().Contain("application/problem+json");
        response.Reason.Should().Be("bad_target");
    }

    [Fact]
    public async Task EscapedSlash_IsForwardedByteForByteIfConfigured()
    {
        await using var sidecar = await SidecarProcess.StartAsync(_fixture.NewSettings().Set("Inbound:EscapedSlashes", "Forward"));
        await using var connection = await WireConnection.ConnectAsync(_fixture.Pki, _fixture.Pki.Web, sidecar.Inbound.Port);

        var response = RawResponse.Parse(await connection.ExchangeAsync("GET /a%2fb%2Fc HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n"));

        response.Status.Should().Be(200);
        _fixture.Application.Received.Should().StartWith("GET /a%2fb%2Fc HTTP/1.1\r\n");
    }

    [Theory]
    [InlineData("/x HTTP/1.1\r\nX-Smuggled: 1\r\n\r\nGET /second")]
    [InlineData("/a b")]
    [InlineData("/a/../b")]
    [InlineData("/a%00")]
    public async Task AmbiguousHttp2Path_IsRefused(string path)
    {
        await using var connection = await WireConnection.ConnectAsync(_fixture.Pki, _fixture.Pki.Web, _fixture.Sidecar.Inbound.Port, alpn: SslApplicationProtocol.Http2);
        var http2 = await Http2Connection.StartAsync(connection.Stream);

        await http2.SendHeadersAsync(streamId: 1, "GET", path, "orders");

        // An error of the request, the stream or the connection: all are refusals, an answer of the application is none.
        (await http2.ReadStatusAsync(1)).Should().NotBe(200);
        _fixture.Application.Received.Should().BeEmpty();
    }

    private async Task<RawResponse> SendAsync(string target, string host = "orders") =>
        RawResponse.Parse(await _fixture.ExchangeAsync($"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
}
