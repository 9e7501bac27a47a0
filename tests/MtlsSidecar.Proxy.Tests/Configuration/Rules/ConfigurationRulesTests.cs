using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Proxy.Tests.Configuration.Rules;

public sealed class ConfigurationRulesTests
{
    [Fact]
    public void SoundConfiguration_HasNeitherErrorsNorWarnings()
    {
        var result = SampleConfiguration.With();

        result.Errors.Should().BeEmpty();
        result.Warnings.Should().BeEmpty();
    }

    [Theory]
    [InlineData("Inbound:Application", "http://10.0.0.1:8080")]
    [InlineData("Outbound:Listen", "http://0.0.0.0:15001")]
    [InlineData("Outbound:Listen", "http://[::]:15001")]
    [InlineData("Outbound:Upstreams:users:Listen", "http://10.0.0.1:15101")]
    [InlineData("Admin:Listen", "http://0.0.0.0:15000")]
    [InlineData("Tunnels:amqp-out:Listen", "tcp://0.0.0.0:5672")]
    [InlineData("Tunnels:amqp-in:Destinations:0", "tcp://rabbit.internal:5672")]
    public void CleartextBeyondThisMachine_IsAnErrorUnlessTheOperatorInsists(string key, string value)
    {
        SampleConfiguration.With((key, value)).Errors.Should().ContainSingle().Which.Key.Should().Be("Sidecar:" + key);

        var insisted = SampleConfiguration.With((key, value), ("Unsafe:AllowNonLoopback", "true"));
        insisted.Errors.Should().BeEmpty();
        insisted.Warnings.Should().ContainSingle().Which.ToString().Should().Contain("Sidecar:Unsafe:AllowNonLoopback").And.Contain(key);
    }

    [Theory]
    [InlineData("Inbound:Application", "unix:///run/app.sock")]
    [InlineData("Outbound:Listen", "unix:///run/out.sock")]
    [InlineData("Outbound:Listen", "http://localhost:15001")]
    [InlineData("Tunnels:amqp-out:Listen", "unix:///run/amqp.sock")]
    [InlineData("Tunnels:amqp-in:Destinations:0", "unix:///run/amqp.sock")]
    [InlineData("Inbound:Listen", "https://0.0.0.0:0")]
    public void LocalOrChosenAddress_IsFine(string key, string value) => SampleConfiguration.With((key, value)).Errors.Should().BeEmpty();

    [Theory]
    [InlineData("Inbound:Listen", "http://0.0.0.0:8443")]
    [InlineData("Inbound:Listen", "unix:///run/in.sock")]
    [InlineData("Inbound:Listen", "https://orders.internal:8443")]
    [InlineData("Inbound:Application", "https://127.0.0.1:8080")]
    [InlineData("Inbound:Application", "http://127.0.0.1:0")]
    [InlineData("Outbound:Listen", "https://127.0.0.1:15001")]
    [InlineData("Outbound:Listen", "http://localhost:0")]
    [InlineData("Outbound:Upstreams:users:Destinations:0", "http://users.internal:8443")]
    [InlineData("Outbound:Upstreams:users:Destinations:0", "unix:///run/users.sock")]
    [InlineData("Outbound:Upstreams:users:Destinations:0", "https://0.0.0.0:8443")]
    [InlineData("Tunnels:amqp-out:Destinations:0", "https://rabbit.internal:5671")]
    [InlineData("Tunnels:amqp-in:Listen", "https://0.0.0.0:5671")]
    [InlineData("Tunnels:amqp-in:Listen", "unix:///run/in.sock")]
    [InlineData("Admin:Probes", "https://0.0.0.0:15021")]
    [InlineData("Admin:Probes", "http://0.0.0.0:8443")]
    [InlineData("Admin:Probes", "http://0.0.0.0:15000")]
    [InlineData("Admin:Listen", "http://localhost:15001")]
    [InlineData("Inbound:Application", "http://127.0.0.1:15001")]
    [InlineData("Inbound:Application", "http://127.0.0.1:8443")]
    public void AddressThatCannotServeItsPurpose_IsAnError(string key, string value)
        => SampleConfiguration.With((key, value)).Errors.Should().ContainSingle().Which.Key.Should().Be("Sidecar:" + key);

    [Fact]
    public void TwoListenersOnOneSocket_AreAnError()
        => SampleConfiguration.With(("Outbound:Listen", "unix:///run/a.sock"), ("Admin:Listen", "unix:///run/a.sock"))
            .Errors.Should().ContainSingle().Which.Message.Should().Be("unix:///run/a.sock is taken by Sidecar:Outbound:Listen");

    [Fact]
    public void TwoListenersOnPortsOfTheSystem_DoNotClash()
        => SampleConfiguration.With(("Outbound:Listen", "http://127.0.0.1:0"), ("Admin:Listen", "http://127.0.0.1:0")).Errors.Should().BeEmpty();

    [Fact]
    public void DestinationTwice_IsAnError()
        => SampleConfiguration.With(("Outbound:Upstreams:users:Destinations:0", "https://a:1"), ("Outbound:Upstreams:users:Destinations:1", "https://A:1"))
            .Errors.Should().ContainSingle().Which.Key.Should().Be("Sidecar:Outbound:Upstreams:users:Destinations:1");

    [Theory]
    [InlineData("bad name")]
    [InlineData("user$")]
    [InlineData("42")]
    [InlineData("10.0.0.1")]
    [InlineData("users.")]
    public void UpstreamThatNobodyCanName_IsAnError(string name)
        => Read($$"""{ "Outbound": { "Listen": "http://127.0.0.1:1", "Upstreams": { {{Json(name)}}: { "Destinations": [ "https://a:1" ] } } } }""")
            .Should().ContainSingle().Which.ToString().Should().StartWith($"Sidecar:Outbound:Upstreams:{name}: ").And.Contain("is not a host name");

    [Theory]
    [InlineData("inbound")]
    [InlineData("Outbound")]
    [InlineData("7")]
    [InlineData("a b")]
    public void TunnelWithAMisleadingName_IsAnError(string name)
        => Read($$"""{ "Tunnels": { {{Json(name)}}: { "Direction": "Outbound", "Listen": "tcp://127.0.0.1:1", "Destinations": [ "tcp://a:1" ] } } }""")
            .Should().ContainSingle().Which.Key.Should().Be("Sidecar:Tunnels:" + name);

    [Theory]
    [InlineData("Name", "")]
    [InlineData("Identity:CertificateFile", "")]
    [InlineData("Identity:KeyFile", "")]
    [InlineData("Trust:BundleFile", "")]
    [InlineData("Trust:Federated:foo.test:BundleFile", "x.crt")]
    [InlineData("Trust:Federated:Bar.test:BundleFile", "x.crt")]
    [InlineData("Trust:Federated:bar.test:BundleFile", "")]
    [InlineData("Validation:Validators:0", "Locall")]
    [InlineData("Validation:Crl:AllowedHosts:0", "http://crl.test")]
    [InlineData("Validation:Crl:Files:0", "")]
    [InlineData("Outbound:Upstreams:users:LoadBalancing", "Fastest")]
    [InlineData("Tunnels:amqp-in:PeerIdentities:0", "spiffe://foo.test/a")]
    [InlineData("Tunnels:amqp-out:ProxyProtocol", "V2")]
    [InlineData("Tunnels:amqp-out:AcceptProxyProtocolFrom:0", "10.0.0.0/8")]
    [InlineData("Tunnels:amqp-out:Alpn", "a b")]
    public void ValueThatMakesNoSense_IsAnError(string key, string value)
        => SampleConfiguration.With((key, value)).Errors.Should().ContainSingle().Which.Key.Should().StartWith("Sidecar:").And.StartWith("Sidecar:" + key.Split(":BundleFile")[0].Split(":0")[0]);

    [Fact]
    public void Est_NeedsItsOwnSettings()
        => SampleConfiguration.With(("Identity:Source", "Est"), ("Identity:Est:Url", "http://ca.test"), ("Trust:TrustDomain", "")).Errors.Select(error => error.Key)
            .Should().BeEquivalentTo("Sidecar:Identity:Est:TokenFile", "Sidecar:Identity:Est:StateDirectory", "Sidecar:Identity:Est:Url", "Sidecar:Trust:TrustDomain");

    [Fact]
    public void AuthorityAsValidator_NeedsAnHttpsUrl()
    {
        SampleConfiguration.With(("Validation:Validators:0", "Authority")).Errors.Should().ContainSingle()
            .Which.Key.Should().Be("Sidecar:Validation:Authority:Url");
        SampleConfiguration.With(("Validation:Validators:0", "Authority"), ("Validation:Authority:Url", "https://ca.test")).Errors.Should().BeEmpty();
    }

    [Fact]
    public void ValidatorOfTheHost_IsKnown()
    {
        SampleConfiguration.With(("Validation:Validators:0", "Local"), ("Validation:Validators:1", "Custom")).Errors.Should().BeEmpty();
        SampleConfiguration.With(("Validation:Validators:0", "Local"), ("Validation:Validators:1", "local")).Errors.Should().ContainSingle();
    }

    [Theory]
    [InlineData("Paths", "api/*")]
    [InlineData("Paths", "*")]
    [InlineData("Paths", "")]
    [InlineData("Paths", "/a/../b")]
    [InlineData("Paths", "/a?x=1")]
    [InlineData("Paths", "/a\\b")]
    [InlineData("Paths", "/a%20b")]
    [InlineData("Paths", "/a*")]
    [InlineData("Paths", "/**")]
    [InlineData("Methods", "get")]
    [InlineData("Methods", "*")]
    [InlineData("Methods", "")]
    [InlineData("Methods", "GET ")]
    [InlineData("Listeners", "Outbound")]
    [InlineData("Listeners", "amqp-out")]
    [InlineData("Listeners", "amqp-inn")]
    public void RuleThatCouldNeverMatchAsMeant_IsAnError(string field, string value)
        => WithOperation(field, value).Errors.Should().ContainSingle()
            .Which.Key.Should().Be($"Sidecar:Authorization:Policies:0:Rules:0:To:0:{field}:0");

    [Theory]
    [InlineData("Paths", "/")]
    [InlineData("Paths", "/*")]
    [InlineData("Paths", "/api/*/items/*")]
    [InlineData("Paths", "/100%")]
    [InlineData("Methods", "GET")]
    [InlineData("Methods", "M-SEARCH")]
    [InlineData("Listeners", "inbound")]
    [InlineData("Listeners", "amqp-in")]
    public void RuleThatCanMatch_IsFine(string field, string value) => WithOperation(field, value).Errors.Should().BeEmpty();

    [Fact]
    public void TwoPoliciesOfOneName_AreAnError()
        => SampleConfiguration.With(Policy(0, "same"), ("Authorization:Policies:0:Action", "Allow"), ("Authorization:Policies:0:Rules:0:To:0:Methods:0", "GET"),
            Policy(1, "Same"), ("Authorization:Policies:1:Action", "Deny"), ("Authorization:Policies:1:Rules:0:To:0:Methods:0", "GET"))
            .Errors.Should().ContainSingle().Which.Key.Should().Be("Sidecar:Authorization:Policies:1:Name");

    [Theory]
    [InlineData("Sidecar:Validation:Revocation", "Validation:Revocation", "Off")]
    [InlineData("Sidecar:Validation:UnknownStatus", "Validation:UnknownStatus", "Accept")]
    [InlineData("Sidecar:Validation:Crl", "Validation:Crl:Files", "")]
    [InlineData("Sidecar:Validation:Crl:MaxStaleness", "Validation:Crl:MaxStaleness", "01:00:00")]
    [InlineData("Sidecar:Validation:Ocsp:Url", "Validation:Ocsp:Url", "http://ocsp.test")]
    [InlineData("Sidecar:Validation:Authority:Url", "Validation:Authority:Url", "https://ca.test")]
    [InlineData("Sidecar:Authorization:Policies", "Authorization:Policies", "")]
    [InlineData("Sidecar:Authorization:Policies", "Authorization:Policies:0:Action", "Audit")]
    [InlineData("Sidecar:Unsafe:AllowNonLoopback", "Unsafe:AllowNonLoopback", "true")]
    public void LegalButSurprising_IsWarnedOf(string warned, string key, string value)
    {
        (string, string)[] changes = key.EndsWith("Action", StringComparison.Ordinal)
            ? [Policy(0, "p"), (key, value), ("Authorization:Policies:0:Rules:0:To:0:Methods:0", "GET")]
            : [(key, value)];
        var result = SampleConfiguration.With(changes);

        result.Errors.Should().BeEmpty();
        result.Warnings.Should().ContainSingle().Which.Key.Should().Be(warned);
    }

    [Fact]
    public void ResponderThatIsNotAmongTheAllowedHosts_IsAnError()
    {
        (string, string)[] responder = [("Validation:Ocsp:Enabled", "true"), ("Validation:Ocsp:Url", "http://ocsp.test/"), ("Validation:Crl:AllowedHosts:0", "crl.test")];

        SampleConfiguration.With(responder).Errors.Should().ContainSingle().Which.Key.Should().Be("Sidecar:Validation:Ocsp:Url");
        SampleConfiguration.With([.. responder, ("Validation:Crl:AllowedHosts:1", "OCSP.test")]).Errors.Should().BeEmpty();
    }

    [Fact]
    public void OcspWithRevocationOff_IsWarnedOf()
        => SampleConfiguration.With(("Validation:Ocsp:Enabled", "true"), ("Validation:Revocation", "Off"))
            .Warnings.Select(warning => warning.Key).Should().Equal("Sidecar:Validation:Ocsp:Enabled", "Sidecar:Validation:Revocation");

    [Fact]
    public void ConfiguredResponder_IsASourceOfRevocation()
        => SampleConfiguration.With(("Validation:Crl:Files", ""), ("Validation:Ocsp:Enabled", "true"), ("Validation:Ocsp:Url", "http://ocsp.test/"))
            .Warnings.Should().BeEmpty();

    private static (string Key, string Value) Policy(int index, string name) => ($"Authorization:Policies:{index}:Name", name);

    private static SidecarOptionsResult WithOperation(string field, string value)
        => SampleConfiguration.With(Policy(0, "p"), ("Authorization:Policies:0:Action", "Allow"), ($"Authorization:Policies:0:Rules:0:To:0:{field}:0", value));

    private static IReadOnlyList<ConfigurationError> Read(string sections)
        => SampleConfiguration.Read(
            $$"""{ "Sidecar": { "Identity": { "CertificateFile": "c", "KeyFile": "k" }, "Trust": { "BundleFile": "b" }, {{sections.Trim()[1..^1]}} } }""").Errors;

    private static string Json(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}
