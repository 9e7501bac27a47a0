using System.Net;
using System.Net.Http.Headers;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Peers;

namespace MtlsSidecar.EndToEnd.Tests.Inbound;

/// <summary>A gRPC-shaped service: cleartext HTTP/2 at both ends, response trailers, streams in both directions.</summary>
public sealed class GrpcTests(Http2PairFixture fixture) : IClassFixture<Http2PairFixture>
{
    [Fact]
    public async Task BidirectionalStream_EndsWithTheApplicationsTrailers()
    {
        using var client = PlainClient.Create(HttpVersion.Version20);
        using var duplex = new DuplexContent();
        using var response = await client.SendAsync(Call("/grpc/echo", duplex), HttpCompletionOption.ResponseHeadersRead);
        await using var received = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[5];

        foreach (var message in new[] { "call1", "call2" })
        {
            await duplex.SendAsync(message);
            await received.ReadExactlyAsync(buffer);
            buffer.Should().Equal(System.Text.Encoding.ASCII.GetBytes(message));
        }

        duplex.Complete();
        (await received.ReadAsync(buffer)).Should().Be(0);
        response.TrailingHeaders.GetValues("grpc-status").Should().Equal("0");
        response.TrailingHeaders.GetValues("grpc-message").Should().Equal("fine");
        fixture.Application.Requests.Last().Protocol.Should().Be("HTTP/2");
        fixture.Application.Requests.Last().Header("TE").Should().Equal("trailers");
    }

    [Fact]
    public async Task AnswerOfTrailersOnly_StaysOne()
    {
        using var client = PlainClient.Create(HttpVersion.Version20);

        using var response = await client.SendAsync(Call("/grpc/fail", new ByteArrayContent([])));

        // gRPC clients want the status among the headers when there is no body.
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Headers.GetValues("grpc-status").Should().Equal("7");
        (await response.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task BidirectionalStreamOfAnyType_StreamsBothWays()
    {
        using var client = PlainClient.Create(HttpVersion.Version20);
        using var duplex = new DuplexContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, fixture.At("/mirror")) { Content = duplex };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var received = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[5];

        foreach (var message in new[] { "call1", "call2" })
        {
            await duplex.SendAsync(message);
            await received.ReadExactlyAsync(buffer);
            buffer.Should().Equal(System.Text.Encoding.ASCII.GetBytes(message));
        }

        duplex.Complete();
        (await received.ReadAsync(buffer)).Should().Be(0);
    }

    private HttpRequestMessage Call(string path, HttpContent content)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        var request = new HttpRequestMessage(HttpMethod.Post, fixture.At(path)) { Content = content };
        request.Headers.TE.ParseAdd("trailers");
        return request;
    }
}
