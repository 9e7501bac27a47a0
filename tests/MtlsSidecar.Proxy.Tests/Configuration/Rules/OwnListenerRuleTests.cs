using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.Proxy.Tests.Configuration.Rules;

public sealed class OwnListenerRuleTests
{
    private const string TunnelIn = "Tunnels:amqp-in:Destinations:0";

    [Fact]
    public void SampleOfTheContract_Loads()
    {
        var result = SampleConfiguration.Read(ContractSample.Json);

        result.Errors.Should().BeEmpty();
        result.Warnings.Should().ContainSingle().Which.ToString().Should().Be(
            "Sidecar:Tunnels:amqp-in:Destinations:0: tcp://127.0.0.1:5672 is the sidecar's own listener Sidecar:Tunnels:amqp-out:Listen: "
            + "whoever may connect goes where that leads, as this workload");
    }

    [Theory]
    [InlineData(TunnelIn, "tcp://127.0.0.1:5672")]
    [InlineData(TunnelIn, "tcp://localhost:5672")]
    [InlineData(TunnelIn, "tcp://127.0.0.1:15021")]
    [InlineData("Outbound:Upstreams:users:Destinations:0", "https://127.0.0.1:8443")]
    [InlineData("Tunnels:amqp-out:Destinations:0", "tcp://127.0.0.1:8443")]
    public void OwnListenerThatLeadsOn_IsAWarning(string key, string address)
    {
        var result = SampleConfiguration.With((key, address));

        result.Errors.Should().BeEmpty();
        result.Warnings.Should().Contain(warning => warning.Key == $"Sidecar:{key}" && warning.Message.Contains("own listener"));
    }

    [Theory]
    [InlineData(TunnelIn, "tcp://127.0.0.1:5671", "Sidecar:Tunnels:amqp-in:Listen")]
    [InlineData(TunnelIn, "tcp://localhost:5671", "Sidecar:Tunnels:amqp-in:Listen")]
    [InlineData("Tunnels:amqp-out:Destinations:0", "tcp://127.0.0.1:5672", "Sidecar:Tunnels:amqp-out:Listen")]
    [InlineData("Outbound:Upstreams:users:Destinations:0", "https://127.0.0.1:15001", "Sidecar:Outbound:Listen")]
    [InlineData("Inbound:Application", "http://127.0.0.1:8443", "Sidecar:Inbound:Listen")]
    [InlineData("Inbound:Application", "http://127.0.0.1:15001", "Sidecar:Outbound:Listen")]
    [InlineData("Inbound:Application", "http://localhost:15000", "Sidecar:Admin:Listen")]
    [InlineData(TunnelIn, "tcp://127.0.0.1:15000", "Sidecar:Admin:Listen")]
    public void OwnListenerThatLeadsBackOrIsNotForPeers_IsAnError(string key, string address, string listener)
        => SampleConfiguration.ErrorsWith(key, address).Should().ContainSingle().Which.Should().StartWith($"Sidecar:{key}: ").And.Contain(listener);

    [Fact]
    public void CircleOverTwoTunnels_IsAnError()
        => SampleConfiguration.With((TunnelIn, "tcp://127.0.0.1:5672"), ("Tunnels:amqp-out:Destinations:0", "tcp://127.0.0.1:5671"))
            .Errors.Select(error => error.Key).Should().Equal($"Sidecar:{TunnelIn}", "Sidecar:Tunnels:amqp-out:Destinations:0");

    [Fact]
    public void WayIntoACircleOfOthers_IsNoCircleItself()
        => SampleConfiguration.With(
            (TunnelIn, "tcp://127.0.0.1:5672"),
            ("Tunnels:amqp-out:Destinations:0", "tcp://127.0.0.1:5672"))
            .Errors.Select(error => error.Key).Should().Equal("Sidecar:Tunnels:amqp-out:Destinations:0");

    [Fact]
    public void UnixSocketOfOurOwn_IsFoundToo()
        => SampleConfiguration.With(("Outbound:Listen", "unix:///run/out.sock"), ("Inbound:Application", "unix:///run/out.sock"))
            .Errors.Should().ContainSingle().Which.Message.Should().Contain("Sidecar:Outbound:Listen");
}
