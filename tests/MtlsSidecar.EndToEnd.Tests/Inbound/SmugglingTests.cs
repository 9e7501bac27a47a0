using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Peers;

namespace MtlsSidecar.EndToEnd.Tests.Inbound;

/// <summary>Contract, behaviour 4: messages whose end two readers could see in different places are refused, and the connection with them.</summary>
public sealed class SmugglingTests : IClassFixture<RawInboundFixture>
{
    private const string Hidden = "GET /hidden HTTP/1.1\r\nHost: orders\r\n\r\n";

    private readonly RawInboundFixture _fixture;

    public SmugglingTests(RawInboundFixture fixture)
    {
        _fixture = fixture;
        _fixture.Application.Forget();
    }

    [Theory]
    [InlineData("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")]
    [InlineData("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")]
    [InlineData("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")]
    [InlineData("Transfer-Encoding: identity\r\n", "")]
    [InlineData("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n")]
    [InlineData("Transfer-Encoding : chunked\r\n", "0\r\n\r\n")]
    [InlineData("Transfer-Encoding:\u000bchunked\r\n", "0\r\n\r\n")]
    [InlineData("Content-Length: 0\r\nContent-Length: 40\r\n", "")]
    [InlineData("Content-Length: 0, 40\r\n", "")]
    [InlineData("Content-Length: -1\r\n", "")]
    [InlineData("Content-Length: 0x0\r\n", "")]
    [InlineData("Content-Length : 0\r\n", "")]
    [InlineData("X-Folded: a\r\n Content-Length: 40\r\n", "")]
    [InlineData("Transfer-Encoding: chunked\r\n", "0x0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFFF\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n", "-1\r\n\r\n")]
    [InlineData("X-Nul: a\0b\r\n", "")]
    [InlineData("Host: other\r\n", "")]
    [InlineData("X Space: 1\r\n", "")]
    public async Task AmbiguousMessage_IsRefusedWithTheConnection(string headers, string body)
    {
        var answer = await _fixture.ExchangeAsync($"POST /first HTTP/1.1\r\nHost: orders\r\n{headers}\r\n{body}{Hidden}");

        // One refusal, and then the end of the connection: what follows is never taken for a request.
        RawResponse.Parse(answer).Status.Should().Be(400, answer);
        answer.Split("HTTP/1.1 ").Should().HaveCount(2);
        _fixture.Application.Received.Should().NotContain("/hidden");
    }

    [Theory]
    [InlineData("OPTIONS * HTTP/1.1", 400)]
    [InlineData("CONNECT users:443 HTTP/1.1", 405)]
    [InlineData("GET /x HTTP/2.0", 505)]
    public async Task RequestLineThatIsNotForAnApplication_IsRefused(string line, int status)
    {
        var host = line.StartsWith("CONNECT", StringComparison.Ordinal) ? "users:443" : "orders";

        var response = RawResponse.Parse(await _fixture.ExchangeAsync($"{line}\r\nHost: {host}\r\nConnection: close\r\n\r\n"));

        response.Status.Should().Be(status);
        _fixture.Application.Received.Should().BeEmpty();
    }

    [Fact]
    public async Task PipelinedRequests_ArriveOneByOneEachWithItsOwnBody()
    {
        var answer = await _fixture.ExchangeAsync(
            "POST /one HTTP/1.1\r\nHost: orders\r\nContent-Length: 3\r\n\r\nabc"
            + "GET /two HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n");

        answer.Split("HTTP/1.1 200").Should().HaveCount(3);
        _fixture.Application.Received.Should().Contain("POST /one HTTP/1.1").And.Contain("GET /two HTTP/1.1");
    }
}
