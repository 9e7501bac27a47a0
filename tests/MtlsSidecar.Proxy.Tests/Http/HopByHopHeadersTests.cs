using System.Net;
using Microsoft.AspNetCore.Http;
using MtlsSidecar.Proxy.Http;

namespace MtlsSidecar.Proxy.Tests.Http;

public sealed class HopByHopHeadersTests
{
    [Fact]
    public void RequestHeadersNamedByConnection_AreRemovedButNeverWhatFramesOrDirectsIt()
    {
        var headers = new HeaderDictionary
        {
            ["Connection"] = "close, X-One ,host, Content-Length, transfer-encoding",
            ["X-One"] = "1",
            ["X-Two"] = "2",
            ["Host"] = "orders",
            ["Content-Length"] = "1",
            ["Transfer-Encoding"] = "chunked",
        };

        HopByHopHeaders.RemoveNamedByConnection(headers);

        headers.Keys.Should().BeEquivalentTo("Connection", "X-Two", "Host", "Content-Length", "Transfer-Encoding");
    }

    [Fact]
    public void ResponseHeadersNamedByConnection_AreRemovedFromEitherCollection()
    {
        using var response = CreateResponse("close, X-One ,content-language, Host, Content-Length, b(a)d, , Content-Type");

        HopByHopHeaders.RemoveNamedByConnection(response);

        response.Headers.NonValidated.Select(header => header.Key).Should().BeEquivalentTo("Connection", "X-Two");
        response.Content.Headers.NonValidated.Select(header => header.Key).Should().BeEquivalentTo("Content-Length");
    }

    [Fact]
    public void ResponseWithoutConnection_StaysWhole()
    {
        using var response = CreateResponse(connection: null);

        HopByHopHeaders.RemoveNamedByConnection(response);

        response.Headers.NonValidated.Should().HaveCount(2);
    }

    private static HttpResponseMessage CreateResponse(string? connection)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([1]) };
        response.Headers.TryAddWithoutValidation("X-One", "1");
        response.Headers.TryAddWithoutValidation("X-Two", "2");
        response.Content.Headers.TryAddWithoutValidation("Content-Language", "de");
        response.Content.Headers.TryAddWithoutValidation("Content-Length", "1");
        if (connection is not null)
        {
            response.Headers.TryAddWithoutValidation("Connection", connection);
        }

        return response;
    }
}
