using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>Contract, behaviour 2, for tunnels: a rule that names what only HTTP has never allows a tunnel and always denies it.</summary>
public sealed class AuthorizationTests : IAsyncLifetime
{
    private const string Other = "other-in";
    private readonly WorkloadPki _pki = new();
    private readonly TcpApplication _application = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _application.DisposeAsync();
        _pki.Dispose();
    }

    [Fact]
    public async Task RuleThatNamesTheTunnel_Allows()
    {
        await using var sidecar = await StartAsync(Rule("Allow", new { Listeners = new[] { TunnelPair.In } }));

        await AssertServedAsync(sidecar);
    }

    [Fact]
    public async Task NoPolicy_Denies()
    {
        await using var sidecar = await StartAsync();

        await AssertDeniedAsync(sidecar, _pki.Web);
    }

    [Fact]
    public async Task RuleOfAnotherListener_DoesNotAllow()
    {
        await using var sidecar = await StartAsync(Rule("Allow", new { Listeners = new[] { Other } }));

        await AssertDeniedAsync(sidecar, _pki.Web);
    }

    [Fact]
    public async Task RuleOfAnotherPeer_DoesNotAllow()
    {
        await using var sidecar = await StartAsync(Rule("Allow", new { Listeners = new[] { TunnelPair.In } }));

        await AssertDeniedAsync(sidecar, _pki.Users);
    }

    [Fact]
    public async Task RuleThatNamesMethodsOrPaths_DoesNotAllow()
    {
        await using var sidecar = await StartAsync(
            Rule("Allow", new { Listeners = new[] { TunnelPair.In }, Methods = new[] { "GET" } }),
            Rule("Allow", new { Listeners = new[] { TunnelPair.In }, Paths = new[] { "/*" } }));

        await AssertDeniedAsync(sidecar, _pki.Web);
    }

    [Theory]
    [InlineData("GET", null)]
    [InlineData(null, "/secret")]
    public async Task RuleThatNamesMethodsOrPaths_Denies(string? method, string? path)
    {
        object operation = method is not null ? new { Methods = new[] { method } } : new { Paths = new[] { path } };
        await using var sidecar = await StartAsync(Rule("Allow", new { Listeners = new[] { TunnelPair.In } }), Rule("Deny", operation));

        await AssertDeniedAsync(sidecar, _pki.Web);
    }

    private static object Rule(string action, object operation) => new
    {
        Name = $"{action}-{Guid.NewGuid():N}",
        Action = action,
        Rules = new[] { new { From = new[] { new { Principals = new[] { WorkloadPki.SpiffeId("web") } } }, To = new[] { operation } } },
    };

    private async Task<SidecarProcess> StartAsync(params IEnumerable<object> policies)
    {
        var settings = SidecarSettings.For("orders", _pki.Orders, _pki).InboundTunnel(TunnelPair.In, _application.Address).InboundTunnel(Other, _application.Address);
        policies.ToList().ForEach(policy => settings.Policy(policy));
        return await SidecarProcess.StartAsync(settings);
    }

    private async Task AssertServedAsync(SidecarProcess sidecar)
    {
        await using var peer = await WireConnection.ConnectAsync(_pki, _pki.Web, sidecar.Tunnel(TunnelPair.In));
        await using var application = await _application.AcceptAsync();

        await application.SendAsync("welcome");

        (await peer.ReadUntilAsync("welcome")).Should().Be("welcome");
    }

    private async Task AssertDeniedAsync(SidecarProcess sidecar, WorkloadFiles workload)
    {
        await using var peer = await WireConnection.ConnectAsync(_pki, workload, sidecar.Tunnel(TunnelPair.In));

        (await peer.ExchangeAsync("hello")).Should().BeEmpty();

        (await sidecar.Log.WaitForEventAsync("Denied"))["Listener"].Should().Be(TunnelPair.In);
        (await sidecar.Log.WaitForEventAsync("TunnelClosed"))["Reason"].Should().Be("Denied");
        _application.IsUntouched.Should().BeTrue();
    }
}
