using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.EndToEnd.Tests.Outbound;

/// <summary>Contract, behaviour 3: the three ways of a local application to its upstream, over both versions of HTTP.</summary>
public sealed class UpstreamChoiceTests(PairFixture fixture) : IClassFixture<PairFixture>
{
    [Theory]
    [InlineData("1.1", "orders")]
    [InlineData("1.1", "ORDERS")]
    [InlineData("1.1", "orders:15001")]
    [InlineData("2.0", "orders")]
    public async Task HostHeader_ChoosesTheUpstreamAndArrivesAsItWas(string version, string host)
    {
        using var client = PlainClient.Create(Version.Parse(version));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(fixture.Web.Outbound, "/by/host")) { Headers = { Host = host } };

        using var response = await client.SendAsync(request);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        var echo = (await response.Content.ReadFromJsonAsync<Echo>())!;
        echo.Target.Should().Be("/by/host");
        echo.Header("Host").Should().Equal(host);
        echo.Header("X-Forwarded-Host").Should().Equal(host);
        echo.Header("X-Forwarded-Client-Cert").Should().ContainSingle().Which.Should().Contain(WorkloadPki.SpiffeId("web"));
    }

    [Fact]
    public async Task HttpProxyOfCurl_ChoosesTheUpstreamByTheAbsoluteTarget()
    {
        var result = await Curl.RunAsync("--proxy", fixture.Web.Outbound.ToString(), "--noproxy", "", "http://orders/by%2Dproxy?q=%41");

        result.Status.Should().Be(200, result.Error + result.Body);
        var seen = fixture.Application.Requests.Last();
        seen.Target.Should().Be("/by%2Dproxy?q=%41");
        seen.Header("Host").Should().Equal("orders");
    }

    [Theory]
    [InlineData("http://orders/target", "other", "orders")]
    [InlineData("http://ORDERS:80/target", "orders", null)]
    public async Task HostOfTheAbsoluteTarget_OutranksTheHostHeader(string target, string host, string? arrives)
    {
        var result = await Curl.RunAsync("--proxy", fixture.Web.Outbound.ToString(), "--noproxy", "", "--header", $"Host: {host}", target);

        result.Status.Should().Be(200, result.Error + result.Body);
        fixture.Application.Requests.Last().Header("Host").Should().ContainSingle().Which.Should().BeEquivalentTo(arrives ?? "orders");
    }

    [Fact]
    public async Task HttpProxyOfDotNet_ChoosesTheUpstreamByTheAbsoluteTarget()
    {
        using var client = PlainClient.Create(proxy: fixture.Web.Outbound);

        (await client.GetFromJsonAsync<Echo>("http://orders/by-proxy"))!.Target.Should().Be("/by-proxy");
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task PortOfItsOwn_LeadsToItsUpstreamWhateverTheHost(string version)
    {
        using var client = PlainClient.Create(Version.Parse(version));

        var echo = (await client.GetFromJsonAsync<Echo>(fixture.At("/by-port")))!;

        echo.Target.Should().Be("/by-port");
        echo.Header("Host").Should().Equal(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{fixture.Pair.Entry.Port}"));
    }

    [Theory]
    [InlineData("cross-site", 403)]
    [InlineData("same-site", 403)]
    [InlineData("none", 200)]
    public async Task PageInABrowser_DoesNotCallInTheWorkloadsName(string site, int status)
    {
        using var client = PlainClient.Create();
        using var request = new HttpRequestMessage(HttpMethod.Get, fixture.At("/by-page")) { Headers = { { "Sec-Fetch-Site", site } } };

        using var response = await client.SendAsync(request);

        ((int)response.StatusCode).Should().Be(status);
        fixture.Application.Requests.Any(seen => seen.Target == "/by-page" && seen.Header("Sec-Fetch-Site").Contains(site)).Should().Be(status == 200);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("127.0.0.1")]
    [InlineData("orders.evil.test")]
    [InlineData("xn--bcher-kva")]
    public async Task UnknownHost_Is404(string host)
    {
        using var client = PlainClient.Create();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(fixture.Web.Outbound, "/")) { Headers = { Host = host } };

        using var response = await client.SendAsync(request);

        var problem = await Problem.ReadAsync(response);
        problem.Status.Should().Be(404);
        problem.MediaType.Should().Be("application/problem+json");
        problem.Reason.Should().Be("unknown_upstream");
        problem.Body.GetProperty("title").GetString().Should().NotBeNullOrEmpty();
        problem.Body.GetProperty("type").GetString().Should().NotBeNullOrEmpty();
        problem.Body.GetProperty("status").GetInt32().Should().Be(404);
    }

    [Fact]
    public async Task InternationalHost_ArrivesToTheLetter()
    {
        using var client = PlainClient.Create();
        using var request = new HttpRequestMessage(HttpMethod.Get, fixture.At("/international")) { Headers = { Host = "xn--bcher-kva.test" } };

        using var response = await client.SendAsync(request);

        var echo = (await response.Content.ReadFromJsonAsync<Echo>())!;
        echo.Header("Host").Should().Equal("xn--bcher-kva.test");
        echo.Header("X-Forwarded-Host").Should().Equal("xn--bcher-kva.test");
    }

    [Theory]
    [InlineData("xn--0")]
    [InlineData("xn--zzzzzzzzzzzzzzzzzzzz")]
    public async Task HostThatIsNoPunycode_Is400(string host)
    {
        using var client = PlainClient.Create();
        using var request = new HttpRequestMessage(HttpMethod.Get, fixture.At("/")) { Headers = { Host = host } };

        using var response = await client.SendAsync(request);

        var problem = await Problem.ReadAsync(response);
        problem.Status.Should().Be(400);
        problem.Reason.Should().Be("bad_request");
    }

    [Fact]
    public async Task Connect_IsNotAWayThrough()
    {
        var result = await Curl.RunAsync("--proxy", fixture.Web.Outbound.ToString(), "--noproxy", "", "--proxytunnel", "http://orders/");

        result.Error.Should().Contain("405");
    }

    [Theory]
    [InlineData("X-Forwarded-Client-Cert")]
    [InlineData("x_forwarded_client_cert")]
    [InlineData("Client-Cert")]
    public async Task IdentityHeaderOfTheLocalApplication_NeverReachesThePeer(string name)
    {
        using var client = PlainClient.Create();
        using var request = new HttpRequestMessage(HttpMethod.Get, fixture.At("/spoof"));
        request.Headers.TryAddWithoutValidation(name, "URI=spiffe://foo.test/ns/default/sa/admin");

        using var response = await client.SendAsync(request);

        (await response.Content.ReadAsStringAsync()).Should().NotContain("sa/admin");
    }

    [Theory]
    [InlineData("/a/../b")]
    [InlineData("/a%00")]
    [InlineData("/a\\b")]
    public async Task AmbiguousTarget_IsRefusedOnTheWayOutToo(string target)
    {
        await using var connection = await WireConnection.ConnectPlainAsync(fixture.Web.Outbound.Port);

        var response = RawResponse.Parse(await connection.ExchangeAsync($"GET {target} HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n"));

        response.Status.Should().Be(400);
    }

    [Theory]
    [InlineData("/exact/%7Euser//x;p=1?%2e%2e=/../")]
    [InlineData("/%C3%A4")]
    [InlineData("/caf%E9/%ff?a[]=1&b[c][0]=%5B")]
    public async Task Target_PassesBothSidecarsByteForByte(string target)
    {
        await using var connection = await WireConnection.ConnectPlainAsync(fixture.Web.Outbound.Port);

        var response = RawResponse.Parse(await connection.ExchangeAsync($"GET {target} HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n"));

        response.Status.Should().Be(200);
        fixture.Application.Requests.Should().Contain(request => request.Target == target);
    }

    [Fact]
    public async Task ManyRequests_ShareFewConnectionsBetweenTheSidecars()
    {
        using var client = PlainClient.Create();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.GetAsync(fixture.At("/shared"))));

        var connections = (await fixture.Orders.StatusAsync()).GetProperty("connections").GetProperty("inbound").GetInt32();
        connections.Should().BeInRange(1, 4, "HTTP/2 carries many requests over one connection");
    }
}
