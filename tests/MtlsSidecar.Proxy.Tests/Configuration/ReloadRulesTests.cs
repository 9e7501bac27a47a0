using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Proxy.Tests.Configuration;

public sealed class ReloadRulesTests
{
    [Theory]
    [InlineData("Authorization:Policies", "")]
    [InlineData("Outbound:Upstreams:users:PeerIdentities:0", "spiffe://foo.test/users")]
    [InlineData("Outbound:Upstreams:users:Timeout", "00:00:05")]
    [InlineData("Outbound:Upstreams:more:Destinations:0", "https://more:1")]
    [InlineData("Tunnels:amqp-in:IdleTimeout", "00:00:05")]
    [InlineData("Tunnels:amqp-in:Destinations:0", "tcp://127.0.0.1:9")]
    [InlineData("Tunnels:amqp-out:PeerIdentities:0", "spiffe://foo.test/rabbit")]
    public void ChangeThatARunningSidecarTakesOver_IsAccepted(string key, string value) => Errors((key, value)).Should().BeEmpty();

    [Theory]
    [InlineData("Name", "other")]
    [InlineData("Identity:CertificateFile", "new.crt")]
    [InlineData("Identity:KeyFile", "new.key")]
    [InlineData("Trust:BundleFile", "new.crt")]
    [InlineData("Validation:Revocation", "Leaf")]
    [InlineData("Validation:UnknownStatus", "Accept")]
    [InlineData("Validation:Crl:RefreshInterval", "00:00:05")]
    [InlineData("Validation:Crl:Files:0", "new.crl")]
    [InlineData("Validation:Ocsp:Enabled", "true")]
    [InlineData("Inbound:Listen", "https://0.0.0.0:9443")]
    [InlineData("Inbound:MaxConnections", "5")]
    [InlineData("Outbound:Listen", "http://127.0.0.1:15002")]
    [InlineData("Outbound:Upstreams:users:Listen", "http://127.0.0.1:15101")]
    [InlineData("Validation:Validators:0", "Custom")]
    [InlineData("Validation:Authority:Timeout", "00:00:05")]
    [InlineData("Identity:Est:StateDirectory", "x")]
    [InlineData("Tunnels:amqp-in:Listen", "tcp://0.0.0.0:9")]
    [InlineData("Admin:Listen", "http://127.0.0.1:15002")]
    [InlineData("Drain:GracePeriod", "00:00:05")]
    [InlineData("Unsafe:AllowNonLoopback", "true")]
    public void ChangeThatNeedsARestart_IsNamed(string key, string value)
        => Errors((key, value)).Should().ContainSingle().Which.Key.Should().Be("Sidecar:" + (key.Split(":0")[0]));

    [Fact]
    public void NewUpstreamWithAListenerOfItsOwn_NeedsARestart()
        => Errors(("Outbound:Upstreams:more:Destinations:0", "https://more:1"), ("Outbound:Upstreams:more:Listen", "http://127.0.0.1:15102"))
            .Should().ContainSingle().Which.ToString().Should()
            .Be("Sidecar:Outbound:Upstreams:more:Listen: changed from nothing to 'http://127.0.0.1:15102', which needs a restart");

    [Fact]
    public void NewTunnel_NeedsARestart()
        => Errors(("Tunnels:more:Direction", "Inbound"), ("Tunnels:more:Listen", "tcp://0.0.0.0:9"), ("Tunnels:more:Destinations:0", "tcp://127.0.0.1:1"))
            .Should().ContainSingle().Which.Key.Should().Be("Sidecar:Tunnels:more");

    [Fact]
    public void LostSection_IsNamedOnce()
    {
        var before = SampleConfiguration.With().Options!;
        var after = SampleConfiguration.Read(
            """
            { "Sidecar": { "Identity": { "CertificateFile": "tls.crt", "KeyFile": "tls.key" }, "Trust": { "BundleFile": "ca.crt" },
              "Outbound": { "Listen": "http://127.0.0.1:15001" } } }
            """).Options!;

        ReloadRules.Check(before, after).Select(error => error.Key).Should()
            .BeEquivalentTo("Sidecar:Trust:TrustDomain", "Sidecar:Validation:Crl:Files", "Sidecar:Inbound", "Sidecar:Tunnels:amqp-in", "Sidecar:Tunnels:amqp-out");
    }

    private static IReadOnlyList<ConfigurationError> Errors(params (string Key, string Value)[] changes)
    {
        var next = SampleConfiguration.With(changes);
        next.Errors.Should().BeEmpty();
        return ReloadRules.Check(SampleConfiguration.With().Options!, next.Options!);
    }
}
