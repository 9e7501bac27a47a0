using System.Net;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Peers;

namespace MtlsSidecar.EndToEnd.Tests.Inbound;

/// <summary>RFC 9113 §8.1: an answer may be whole before its request is, and must reach the caller all the same.</summary>
public sealed class EarlyAnswerTests(Http2PairFixture fixture) : IClassFixture<Http2PairFixture>
{
    [Theory]
    [InlineData("/download?bytes=5", HttpStatusCode.OK)]
    [InlineData("/a%2fb", HttpStatusCode.BadRequest)]
    public async Task AnswerToAnUnfinishedUpload_ArrivesWhole(string target, HttpStatusCode status)
    {
        using var client = PlainClient.Create(HttpVersion.Version20);
        using var upload = new DuplexContent();
        var log = fixture.Web.Log.Position;

        using var request = new HttpRequestMessage(HttpMethod.Post, fixture.At(target)) { Content = upload };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        // Read only once the sidecar is done with it: what breaks the answer off afterwards would be too late for a faster reader.
        await fixture.Web.Log.WaitForEventAsync("Request", log);
        response.StatusCode.Should().Be(status);
        (await response.Content.ReadAsStringAsync()).Should().NotBeEmpty();
    }
}
