using System.Net;
using System.Text;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Tests.Revocation.Fetching;

public sealed class HttpFetcherTests
{
    private static readonly byte[] Content = [1, 2, 3];

    [Fact]
    public async Task Content_IsFetched()
    {
        await using var server = ScriptedHttpServer.Serving(Content);

        (await FetchAsync(server.Url())).Should().Equal(Content);
    }

    [Theory]
    [InlineData("https://127.0.0.1/crl")]
    [InlineData("ldap://127.0.0.1/crl")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.1/crl")]
    [InlineData("no url")]
    public async Task UrlOfACertificateThatIsNotPlainHttp_IsNotAsked(string url)
        => await FluentActions.Awaiting(() => FetchAsync(url)).Should().ThrowAsync<FetchException>();

    [Fact]
    public async Task UrlWithUserInformation_IsNotAsked()
    {
        await using var server = ScriptedHttpServer.Serving(Content);

        foreach (var origin in new[] { FetchOrigin.Certificate, FetchOrigin.Configured })
        {
            await FluentActions.Awaiting(() => FetchAsync($"http://user:password@127.0.0.1:{server.Endpoint.Port}/crl", origin))
                .Should().ThrowAsync<FetchException>().WithMessage("*user information*");
        }

        server.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task UrlBeyondAllMeasure_IsNotAsked()
    {
        await using var server = ScriptedHttpServer.Serving(Content);

        await FluentActions.Awaiting(() => FetchAsync(server.Url($"/{new string('a', 2048)}"))).Should().ThrowAsync<FetchException>().WithMessage("*too long*");

        server.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task HostThatIsNotAllowed_IsNotAsked()
    {
        await using var server = ScriptedHttpServer.Serving(Content);

        foreach (var origin in new[] { FetchOrigin.Certificate, FetchOrigin.Configured })
        {
            await FluentActions.Awaiting(() => FetchAsync(server.Url(), origin, new FetchOptions { AllowedHosts = ["crl.test"] })).Should().ThrowAsync<FetchException>().WithMessage("*allowed*");
        }

        server.Requests.Should().BeEmpty();
        (await FetchAsync(server.Url(), options: new FetchOptions { AllowedHosts = ["127.0.0.1"] })).Should().Equal(Content);
    }

    [Fact]
    public async Task OwnListener_IsNotAsked()
    {
        await using var server = ScriptedHttpServer.Serving(Content);
        var options = new FetchOptions { OwnListeners = () => [new IPEndPoint(IPAddress.Any, server.Endpoint.Port)] };

        foreach (var host in new[] { "127.0.0.1", "localhost", "127.0.0.2", "[::ffff:127.0.0.1]" })
        {
            await FluentActions.Awaiting(() => FetchAsync($"http://{host}:{server.Endpoint.Port}/", options: options)).Should().ThrowAsync<FetchException>().WithMessage("*our own*");
        }

        server.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task GuardedApplication_IsAskedOnlyForTheOperator()
    {
        await using var server = ScriptedHttpServer.Serving(Content);
        var options = new FetchOptions { GuardedApplications = () => [new IPEndPoint(IPAddress.Loopback, server.Endpoint.Port)] };

        foreach (var host in new[] { "127.0.0.1", "localhost", "[::ffff:127.0.0.1]" })
        {
            await FluentActions.Awaiting(() => FetchAsync($"http://{host}:{server.Endpoint.Port}/", options: options)).Should().ThrowAsync<FetchException>().WithMessage("*application's*");
        }

        server.Requests.Should().BeEmpty();
        (await FetchAsync(server.Url(), FetchOrigin.Configured, options)).Should().Equal(Content);
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://[fe80::1]/")]
    [InlineData("http://0.0.0.0/")]
    [InlineData("http://2852039166/")]
    public async Task LinkLocalAddress_IsNotAsked(string url)
        => await FluentActions.Awaiting(() => FetchAsync(url)).Should().ThrowAsync<FetchException>().WithMessage("* is in *");

    [Fact]
    public async Task Redirect_IsNotFollowed()
    {
        await using var target = ScriptedHttpServer.Serving(Content);
        await using var server = ScriptedHttpServer.Start(request => request.RefuseAsync(302, $"Location: {target.Url()}\r\n"));

        await FluentActions.Awaiting(() => FetchAsync(server.Url())).Should().ThrowAsync<FetchException>().WithMessage("*302*");

        target.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task TooLargeAnswer_IsRefused()
    {
        await using var server = ScriptedHttpServer.Serving(new byte[1001]);
        await using var chunked = ScriptedHttpServer.Start(request => request.SendAsync([.. "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"u8, .. new byte[1001]]));

        await FluentActions.Awaiting(() => FetchAsync(server.Url())).Should().ThrowAsync<FetchException>().WithMessage("larger than*");
        await FluentActions.Awaiting(() => FetchAsync(chunked.Url())).Should().ThrowAsync<FetchException>().WithMessage("larger than*");
    }

    [Fact]
    public async Task HeadersBeyondTheLimit_AreRefused()
    {
        await using var server = ScriptedHttpServer.Start(request => request.AnswerAsync(Content, $"X-Long: {new string('x', 17 * 1024)}\r\n"));

        await FluentActions.Awaiting(() => FetchAsync(server.Url())).Should().ThrowAsync<FetchException>();
    }

    [Fact]
    public async Task CompressedAnswer_IsTakenAsItIs()
    {
        // Unpacked, a few bytes become as many as the limit allows; and what is signed is never sent packed.
        var packed = Gzip.Pack(Content);
        await using var server = ScriptedHttpServer.Start(request => request.AnswerAsync(packed, "Content-Encoding: gzip\r\n"));

        (await FetchAsync(server.Url())).Should().Equal(packed);
    }

    [Fact]
    public async Task ServerThatHangs_IsGivenUpAfterTheTimeout()
    {
        var clock = new ManualTimeProvider();
        var asked = new TaskCompletionSource();
        await using var server = ScriptedHttpServer.Start(request =>
        {
            asked.SetResult();
            return request.HangAsync();
        });

        var fetch = FetchAsync(server.Url(), options: new FetchOptions { Timeout = TimeSpan.FromSeconds(5) }, clock: clock);
        await asked.Task;
        clock.Advance(TimeSpan.FromSeconds(6));

        await FluentActions.Awaiting(() => fetch).Should().ThrowAsync<FetchException>().WithMessage("no answer within 5 s");
    }

    [Fact]
    public async Task ProxyVariables_AreIgnored()
    {
        await using var proxy = ScriptedHttpServer.Serving(Encoding.ASCII.GetBytes("proxied"));
        await using var server = ScriptedHttpServer.Serving(Content);
        var before = Environment.GetEnvironmentVariable("http_proxy");
        Environment.SetEnvironmentVariable("http_proxy", proxy.Url(""));
        try
        {
            (await FetchAsync(server.Url())).Should().Equal(Content);
            proxy.Requests.Should().BeEmpty();
        }
        finally
        {
            Environment.SetEnvironmentVariable("http_proxy", before);
        }
    }

    [Fact]
    public async Task ServerOfHttp10ThatIsAboutToClose_GetsNoFurtherRequestOnTheSameConnection()
    {
        await using var server = ScriptedHttpServer.Start(async request =>
        {
            await request.SendAsync("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc"u8.ToArray());
            await request.HangAsync();
        });
        using var fetcher = new HttpFetcher(new FetchOptions(), TimeProvider.System);

        for (var fetch = 1; fetch <= 2; fetch++)
        {
            using var request = new HttpRequestMessage { RequestUri = new Uri(server.Url()) };
            using var content = await fetcher.SendAsync(request, FetchOrigin.Certificate, 1000, CancellationToken.None);
        }

        server.Requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task ClosedPort_IsAFetchException()
        => await FluentActions.Awaiting(() => FetchAsync($"http://127.0.0.1:{FreePorts.Next()}/")).Should().ThrowAsync<FetchException>();

    [Fact]
    public async Task AnswerThatIsNoHttp_IsAFetchException()
    {
        await using var server = ScriptedHttpServer.Start(request => request.SendAsync("garbage\r\n\r\n"u8.ToArray()));

        await FluentActions.Awaiting(() => FetchAsync(server.Url())).Should().ThrowAsync<FetchException>();
    }

    private static async Task<byte[]> FetchAsync(string url, FetchOrigin origin = FetchOrigin.Certificate, FetchOptions? options = null, TimeProvider? clock = null)
    {
        using var fetcher = new HttpFetcher(options ?? new FetchOptions(), clock ?? TimeProvider.System);
        using var request = new HttpRequestMessage { RequestUri = new Uri(url, UriKind.RelativeOrAbsolute) };
        using var content = await fetcher.SendAsync(request, origin, 1000, CancellationToken.None);
        return content.Body!.Written.ToArray();
    }
}
