using System.Net;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Authorities;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Inbound;

/// <summary>The procedure of the article: the proxy sends the peer's certificate to the CA server and goes by its answer.</summary>
public sealed class AuthorityValidatorTests : IAsyncLifetime
{
    private HttpApplication _application = null!;
    private AuthorityProcess _authority = null!;
    private IssuedFiles _orders = null!;
    private IssuedFiles _web = null!;

    private AuthorityProgram Program => _authority.Program;

    public async Task InitializeAsync()
    {
        _application = await HttpApplication.StartAsync();
        _authority = await AuthorityProcess.StartAsync();
        _orders = await Program.IssueAsync("orders", "--dns", "localhost");
        _web = await Program.IssueAsync("web");
    }

    public async Task DisposeAsync()
    {
        await _authority.DisposeAsync();
        await _application.DisposeAsync();
    }

    [Fact]
    public async Task PeerThatTheAuthorityAccepts_IsServed_AndOneThatItRevokedIsNot()
    {
        await using var sidecar = await StartAsync();
        (await StatusAsync(sidecar)).Should().Be(HttpStatusCode.OK);
        var received = _application.BytesReceived;

        var revoked = await Program.IssueAsync("web2");
        await Program.RunWellAsync("revoke", revoked.Serial, "--reason", "keyCompromise");

        (await StatusAsync(sidecar, revoked)).Should().BeNull();
        (await sidecar.Log.WaitForRefusalAsync("AuthorityRejected"))["Detail"].Should().Contain("Revoked");
        _application.BytesReceived.Should().Be(received);
    }

    [Fact]
    public async Task LocalAndAuthority_MustBothAccept()
    {
        await using var sidecar = await StartAsync(settings => settings.Set("Validation:Validators", new[] { "Local", "Authority" }));

        (await StatusAsync(sidecar)).Should().Be(HttpStatusCode.OK);
        await Program.RunWellAsync("revoke", _web.Serial);

        // The CRL that Local knows is the one of before; the authority knows better as soon as its answer has run out.
        await TestKit.Time.Eventually.HoldsAsync(async () => await StatusAsync(sidecar) is null, "refused");
        await sidecar.Log.WaitForRefusalAsync("AuthorityRejected");
    }

    [Fact]
    public async Task DeadAuthority_RefusesPeersUntilItIsBack()
    {
        await using var sidecar = await StartAsync(settings => settings.Set("Validation:Authority:Url", $"https://localhost:{FreePorts.Next()}"));

        (await StatusAsync(sidecar)).Should().BeNull();
        await sidecar.Log.WaitForRefusalAsync("ValidatorUnavailable");
        _application.BytesReceived.Should().Be(0);
    }

    [Fact]
    public async Task SlowAuthority_RefusesPeersUntilItAnswersAgain()
    {
        await using var sidecar = await StartAsync(settings => settings.Set("Validation:Authority:Timeout", "00:00:02"));

        _authority.Process.Signal(ProcessSignal.Stop);
        (await StatusAsync(sidecar)).Should().BeNull();
        await sidecar.Log.WaitForRefusalAsync("DeadlineExceeded");
        _application.BytesReceived.Should().Be(0);

        _authority.Process.Signal(ProcessSignal.Continue);
        await TestKit.Time.Eventually.HoldsAsync(async () => await StatusAsync(sidecar) == HttpStatusCode.OK, "served again");
    }

    [Fact]
    public async Task AuthorityOfAnotherIdentity_IsNotAsked()
    {
        await using var sidecar = await StartAsync(settings => settings.Set("Validation:Authority:PeerIdentities", new[] { "spiffe://foo.test/somebody-else" }));

        (await StatusAsync(sidecar)).Should().BeNull();
        (await sidecar.Log.WaitForRefusalAsync("ValidatorUnavailable"))["Detail"].Should().Contain("IdentityMismatch");
    }

    [Fact]
    public async Task AuthorityByItsSpiffeId_IsAsked()
    {
        await using var sidecar = await StartAsync(settings => settings.Set("Validation:Authority:PeerIdentities", new[] { "spiffe://foo.test/mtls-authority" }));

        (await StatusAsync(sidecar)).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task LivePeer_IsAskedAboutAgainAndCutOff()
    {
        await using var sidecar = await StartAsync(settings => settings.Set("Validation:Authority:CacheDuration", "00:00:08"));
        using var client = MtlsClient.Create(_web, Program);
        (await client.GetAsync(new Uri(sidecar.InboundByName, "/hello"))).StatusCode.Should().Be(HttpStatusCode.OK);

        await Program.RunWellAsync("revoke", _web.Serial);

        var closing = await sidecar.Log.WaitForEventAsync("Closing");
        closing["Reason"].Should().Be("AuthorityRejected");
        await FluentActions.Awaiting(() => client.GetAsync(new Uri(sidecar.InboundByName, "/hello"))).Should().ThrowAsync<HttpRequestException>();
    }

    [Fact]
    public async Task LivePeer_StaysWhileTheAuthorityIsAway()
    {
        await using var sidecar = await StartAsync(settings => settings.Set("Validation:Authority:CacheDuration", "00:00:01"));
        using var client = MtlsClient.Create(_web, Program);
        (await client.GetAsync(new Uri(sidecar.InboundByName, "/hello"))).StatusCode.Should().Be(HttpStatusCode.OK);

        _authority.Process.Signal(ProcessSignal.Kill);
        await TestKit.Time.Eventually.HoldsAsync(async () => await StatusAsync(sidecar) is null, "new handshakes are refused");

        (await client.GetAsync(new Uri(sidecar.InboundByName, "/hello"))).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task UpstreamThatTheAuthorityRejects_IsNotCalled()
    {
        await using var orders = await StartAsync(settings => settings.Set("Validation:Validators", new[] { "Local" }));
        var entry = SidecarSettings.Loopback(FreePorts.Next());
        await using var web = await SidecarProcess.StartAsync(UseAuthority(SidecarSettings.For("web", _web, Program)
            .Upstream("orders", null, orders.InboundByName.GetLeftPart(UriPartial.Authority))
            .Set("Outbound:Upstreams:orders:Listen", entry)));
        using var client = PlainClient.Create();
        (await client.GetAsync(new Uri(new Uri(entry), "/hello"))).StatusCode.Should().Be(HttpStatusCode.OK);

        await Program.RunWellAsync("revoke", _orders.Serial);

        await TestKit.Time.Eventually.HoldsAsync(
            async () => (await client.GetAsync(new Uri(new Uri(entry), "/hello"))).StatusCode == HttpStatusCode.BadGateway, "refused once the answer has run out");
        (await web.Log.WaitForRefusalAsync("AuthorityRejected"))["Reason"].Should().Be("AuthorityRejected");
    }

    /// <summary>The first question to a fresh authority costs it a handshake and more; its time is the longest that is below the handshake's.</summary>
    private SidecarSettings UseAuthority(SidecarSettings settings) => settings
        .Set("Validation:Validators", new[] { "Authority" })
        .Set("Validation:Authority:Url", $"https://localhost:{_authority.TlsPort}")
        .Set("Validation:Authority:Timeout", "00:00:08")
        .Set("Validation:Authority:CacheDuration", "00:00:01");

    private Task<SidecarProcess> StartAsync(Action<SidecarSettings>? configure = null)
    {
        var settings = UseAuthority(SidecarSettings.For("orders", _orders, Program).Inbound(_application.Address).Allow("spiffe://foo.test/ns/default/sa/web"));
        configure?.Invoke(settings);
        return SidecarProcess.StartAsync(settings);
    }

    /// <summary>The status of a request over a fresh connection; null when the peer was refused.</summary>
    private async Task<HttpStatusCode?> StatusAsync(SidecarProcess sidecar, IssuedFiles? peer = null)
    {
        using var client = MtlsClient.Create(peer ?? _web, Program);
        try
        {
            using var response = await client.GetAsync(new Uri(sidecar.InboundByName, "/hello"));
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
