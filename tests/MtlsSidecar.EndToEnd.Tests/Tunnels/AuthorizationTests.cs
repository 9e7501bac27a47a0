using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>Contract, behaviour 2, for tunnels: a rule that names what only HTTP has never allows a tunnel and always denies it.</summary>
public sealed class AuthorizationTests : TunnelHouse
{
    private const string Other = "other-in";

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

        await AssertDeniedAsync(sidecar, Pki.Web);
    }

    [Fact]
    public async Task RuleOfAnotherListener_DoesNotAllow()
    {
        await using var sidecar = await StartAsync(Rule("Allow", new { Listeners = new[] { Other } }));

        await AssertDeniedAsync(sidecar, Pki.Web);
    }

    [Fact]
    public async Task RuleOfAnotherPeer_DoesNotAllow()
    {
        await using var sidecar = await StartAsync(Rule("Allow", new { Listeners = new[] { TunnelPair.In } }));

        await AssertDeniedAsync(sidecar, Pki.Users);
    }

    [Fact]
    public async Task RuleThatNamesMethodsOrPaths_DoesNotAllow()
    {
        await using var sidecar = await StartAsync(
            Rule("Allow", new { Listeners = new[] { TunnelPair.In }, Methods = new[] { "GET" } }),
            Rule("Allow", new { Listeners = new[] { TunnelPair.In }, Paths = new[] { "/*" } }));

        await AssertDeniedAsync(sidecar, Pki.Web);
    }

    [Theory]
    [InlineData("GET", null)]
    [InlineData(null, "/secret")]
    public async Task RuleThatNamesMethodsOrPaths_Denies(string? method, string? path)
    {
        object operation = method is not null ? new { Methods = new[] { method } } : new { Paths = new[] { path } };
        await using var sidecar = await StartAsync(Rule("Allow", new { Listeners = new[] { TunnelPair.In } }), Rule("Deny", operation));

        await AssertDeniedAsync(sidecar, Pki.Web);
    }

    protected override void Configure(SidecarSettings settings) => settings.InboundTunnel(Other, Application.Address);

    private static object Rule(string action, object operation) => new
    {
        Name = $"{action}-{Guid.NewGuid():N}",
        Action = action,
        Rules = new[] { new { From = new[] { new { Principals = new[] { WorkloadPki.SpiffeId("web") } } }, To = new[] { operation } } },
    };

    private Task<SidecarProcess> StartAsync(params IEnumerable<object> policies)
        => StartOrdersAsync(settings => policies.ToList().ForEach(policy => settings.Policy(policy)));

    private async Task AssertServedAsync(SidecarProcess sidecar)
    {
        await using var peer = await WireConnection.ConnectAsync(Pki, Pki.Web, sidecar.Tunnel(TunnelPair.In));
        await using var application = await Application.AcceptAsync();

        await application.SendAsync("welcome");

        (await peer.ReadUntilAsync("welcome")).Should().Be("welcome");
    }

    private async Task AssertDeniedAsync(SidecarProcess sidecar, WorkloadFiles workload)
    {
        await using var peer = await WireConnection.ConnectAsync(Pki, workload, sidecar.Tunnel(TunnelPair.In));

        (await peer.ExchangeAsync("hello")).Should().BeEmpty();

        (await sidecar.Log.WaitForEventAsync("Denied"))["Listener"].Should().Be(TunnelPair.In);
        (await sidecar.Log.WaitForEventAsync("TunnelClosed"))["Reason"].Should().Be("Denied");
        Application.IsUntouched.Should().BeTrue();
    }
}
