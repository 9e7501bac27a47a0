using Microsoft.AspNetCore.Http;
using MtlsSidecar.Proxy.Outbound;

namespace MtlsSidecar.Proxy.Tests.Outbound;

public sealed class ForeignPageTests
{
    [Theory]
    [InlineData("127.0.0.1:15101", "cross-site")]
    [InlineData("127.0.0.1:15101", "same-site")]
    [InlineData("localhost:15101", "cross-site")]
    [InlineData("page.localhost:15101", "cross-site")]
    [InlineData("[::1]:15101", "cross-site")]
    [InlineData("127.0.0.1:15101", "a value of the future")]
    [InlineData("127.0.0.1:15101", "none", "cross-site")]
    public void PageOfAnotherSite_IsRecognised(string host, params string[] sites) => IsForeign(host, sites).Should().BeTrue();

    [Theory]
    [InlineData("127.0.0.1:15101")]
    [InlineData("127.0.0.1:15101", "same-origin")]
    [InlineData("127.0.0.1:15101", "none")]
    [InlineData("users", "cross-site")]
    [InlineData("shop.example", "cross-site")]
    public void OtherClients_PassFreely(string host, params string[] sites) => IsForeign(host, sites).Should().BeFalse();

    [Fact]
    public void OriginAlone_IsNoPage()
    {
        var request = new DefaultHttpContext().Request;
        (request.Host, request.Headers.Origin) = (new HostString("127.0.0.1:15101"), "https://elsewhere.example");

        ForeignPage.IsBehind(request).Should().BeFalse("WebSocket clients of any language send it");
    }

    private static bool IsForeign(string host, string[] sites)
    {
        var request = new DefaultHttpContext().Request;
        request.Host = new HostString(host);
        if (sites.Length > 0)
        {
            request.Headers["Sec-Fetch-Site"] = sites;
        }

        return ForeignPage.IsBehind(request);
    }
}
