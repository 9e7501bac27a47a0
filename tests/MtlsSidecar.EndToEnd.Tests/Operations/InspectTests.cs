using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Operations;

/// <summary><c>mtls-sidecar inspect</c> against a real sidecar and against other peers.</summary>
public sealed class InspectTests(InboundFixture fixture) : IClassFixture<InboundFixture>
{
    private string Target => $"localhost:{fixture.Port}";

    [Fact]
    public async Task GoodPeer_IsExplainedAndAccepted()
    {
        var result = await InspectAsync(Target, "--identity", WorkloadPki.SpiffeId("orders"));

        result.ExitCode.Should().Be(0, result.ToString());
        result.Output.Should()
            .Contain("TLS_").And.Contain("ALPN h2")
            .And.Contain("sent, and the peer keeps the connection")
            .And.Contain(fixture.Pki.Orders.Serial)
            .And.Contain($"verdict: accepted: {WorkloadPki.SpiffeId("orders")}")
            .And.NotContain("not reached");
    }

    [Fact]
    public async Task PeerWithAnotherIdentity_Is3()
    {
        var result = await InspectAsync(Target, "--identity", WorkloadPki.SpiffeId("users"));

        result.ExitCode.Should().Be(3, result.ToString());
        result.Output.Should().Contain("verdict: rejected: IdentityMismatch");
    }

    [Fact]
    public async Task DestinationOfAnUpstream_IsHeldToItsPeerIdentities()
    {
        var settings = Settings().Upstream("orders", WorkloadPki.SpiffeId("users"), $"https://{Target}");

        var result = await SidecarProgram.RunAsync(settings, "inspect", Target);

        result.ExitCode.Should().Be(3, result.ToString());
        result.Output.Should().Contain("(upstream orders)").And.Contain("IdentityMismatch");
    }

    [Fact]
    public async Task DestinationOfATunnel_IsHeldToItsPeerIdentities()
    {
        var settings = Settings().Set("Tunnels:out", new
        {
            Direction = "Outbound",
            Listen = $"tcp://127.0.0.1:{FreePorts.Next()}",
            Destinations = new[] { $"tcp://{Target}" },
            PeerIdentities = new[] { WorkloadPki.SpiffeId("users") },
        });

        var result = await SidecarProgram.RunAsync(settings, "inspect", Target);

        result.ExitCode.Should().Be(3, result.ToString());
        result.Output.Should().Contain("(tunnel out)").And.Contain("IdentityMismatch").And.Contain("ALPN none");
    }

    [Fact]
    public async Task RevokedPeer_Is3AndNamesTheStep()
    {
        using var pki = new WorkloadPki();
        await using var peer = await HttpApplication.StartPeerAsync(pki.Orders);
        pki.Revoke(pki.Orders);

        var result = await SidecarProgram.RunAsync(SidecarSettings.For("web", pki.Web, pki), "inspect", $"localhost:{peer.Port}");

        result.ExitCode.Should().Be(3, result.ToString());
        result.Output.Should().MatchRegex("refused +nothing in the path is revoked").And.Contain("verdict: rejected: Revoked");
        peer.BytesReceived.Should().Be(0);
    }

    [Fact]
    public async Task PeerThatRefusesUs_IsSaid()
    {
        using var stranger = new WorkloadPki();
        var settings = SidecarSettings.For("web", stranger.Web, stranger);

        var result = await SidecarProgram.RunAsync(settings, "inspect", Target);

        result.ExitCode.Should().Be(3, result.ToString());
        result.Output.Should().Contain("the peer closed the connection").And.MatchRegex("rejected: (UntrustedAnchor|BadSignature)");
    }

    [Fact]
    public async Task NobodyThere_Is1()
    {
        var result = await InspectAsync($"localhost:{FreePorts.Next()}");

        result.ExitCode.Should().Be(1, result.ToString());
        result.Error.Should().Contain("refused");
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost:0")]
    [InlineData("localhost:99999")]
    [InlineData("::1:443")]
    public async Task TargetThatIsNoHostAndPort_Is2(string target)
    {
        var result = await InspectAsync(target);

        result.ExitCode.Should().Be(2, result.ToString());
        result.Error.Should().Contain("HOST:PORT");
    }

    private SidecarSettings Settings() => SidecarSettings.For("web", fixture.Pki.Web, fixture.Pki);

    private Task<ProcessResult> InspectAsync(params string[] arguments) => SidecarProgram.RunAsync(Settings(), ["inspect", .. arguments]);
}
