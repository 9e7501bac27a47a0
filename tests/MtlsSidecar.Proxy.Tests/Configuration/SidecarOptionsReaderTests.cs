using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Trust.Revocation;

namespace MtlsSidecar.Proxy.Tests.Configuration;

public sealed class SidecarOptionsReaderTests
{
    [Fact]
    public void MinimalConfiguration_GetsTheDefaultsOfTheContract()
    {
        var result = SampleConfiguration.Read(
            """{ "Sidecar": { "Identity": { "CertificateFile": "c", "KeyFile": "k" }, "Trust": { "BundleFile": "b" } } }""");

        result.Errors.Should().BeEmpty();
        var options = result.Options!;
        options.Name.Should().Be("mtls-sidecar");
        (options.Inbound, options.Outbound, options.Tunnels.Count).Should().Be((null, null, 0));
        options.Admin.Listen.ToString().Should().Be("http://127.0.0.1:15000");
        options.Admin.Probes.ToString().Should().Be("http://0.0.0.0:15021");
        options.Drain.GracePeriod.Should().Be(TimeSpan.FromSeconds(25));
        options.Validation.Validators.Should().Equal("Local");
        options.Validation.Revocation.Should().Be(RevocationMode.Chain);
        options.Validation.UnknownStatus.Should().Be(UnknownStatusPolicy.Reject);
        options.Authorization.Policies.Should().BeEmpty();
    }

    [Fact]
    public void GivenValues_AreRead()
    {
        var options = SampleConfiguration.With(
            ("Name", "orders"),
            ("Inbound:ForwardedClientCert", "appendforward"),
            ("Inbound:ClientCertHeader", "true"),
            ("Inbound:MaxConnections", "7"),
            ("Tunnels:amqp-in:IdleTimeout", "1.02:03:04.5"),
            ("Outbound:Upstreams:users:PeerIdentities:0", "spiffe://foo.test/ns/*/sa/users"),
            ("Validation:Crl:Urls:0", "https://crl.test/a.crl")).Options!;

        options.Name.Should().Be("orders");
        options.Inbound!.ForwardedClientCert.Should().Be(ForwardedClientCertMode.AppendForward);
        options.Inbound.ClientCertHeader.Should().BeTrue();
        options.Inbound.MaxConnections.Should().Be(7);
        options.Tunnels["amqp-in"].IdleTimeout.Should().Be(new TimeSpan(1, 2, 3, 4, 500));
        options.Outbound!.Upstreams["USERS"].PeerIdentities.Should().ContainSingle().Which.ToString().Should().Be("spiffe://foo.test/ns/*/sa/users");
        options.Validation.Crl.Urls.Should().Equal(new Uri("https://crl.test/a.crl"));
    }

    [Fact]
    public void DurationAtTheEdges_IsReadAsWritten()
        => SampleConfiguration.With(("Drain:Delay", "00:10:00")).Options!.Drain.Delay.Should().Be(TimeSpan.FromMinutes(10));

    [Theory]
    [InlineData("Inbound:Lisen", "x", "Sidecar:Inbound:Lisen: unknown key; did you mean Listen?")]
    [InlineData("Inbuond:Listen", "x", "Sidecar:Inbuond: unknown key; did you mean Inbound?")]
    [InlineData("Drain:Whatever", "x", "Sidecar:Drain:Whatever: unknown key; known here: Delay, GracePeriod")]
    [InlineData("Outbound:Upstreams:users:Destination:0", "x", "Sidecar:Outbound:Upstreams:users:Destination: unknown key; did you mean Destinations?")]
    [InlineData("Validation:Revocation", "1", "Sidecar:Validation:Revocation: '1' is unknown; legal are Chain, Leaf, Off")]
    [InlineData("Validation:Revocation", "Chain,Leaf", "Sidecar:Validation:Revocation: 'Chain,Leaf' is unknown; legal are Chain, Leaf, Off")]
    [InlineData("Inbound:ClientCertHeader", "yes", "Sidecar:Inbound:ClientCertHeader: 'yes' is neither true nor false")]
    [InlineData("Inbound:MaxConnections", "0", "Sidecar:Inbound:MaxConnections: '0' is not a whole number from 1 to 1000000")]
    [InlineData("Inbound:MaxConnections", "1e3", "Sidecar:Inbound:MaxConnections: '1e3' is not a whole number from 1 to 1000000")]
    [InlineData("Inbound:MaxConnections", "99999999999", "Sidecar:Inbound:MaxConnections: '99999999999' is not a whole number from 1 to 1000000")]
    [InlineData("Drain:Delay", "30", "Sidecar:Drain:Delay: '30' is not a duration, written as hh:mm:ss or days.hh:mm:ss")]
    [InlineData("Drain:Delay", "24:00:00", "Sidecar:Drain:Delay: '24:00:00' is not a duration, written as hh:mm:ss or days.hh:mm:ss")]
    [InlineData("Drain:Delay", "-00:00:01", "Sidecar:Drain:Delay: '-00:00:01' is not a duration, written as hh:mm:ss or days.hh:mm:ss")]
    [InlineData("Drain:Delay", "00:10:00.001", "Sidecar:Drain:Delay: '00:10:00.001' is out of range; legal is 00:00:00 to 00:10:00")]
    [InlineData("Inbound:AcceptProxyProtocolFrom:0", "10.0.0.1", "Sidecar:Inbound:AcceptProxyProtocolFrom:0: '10.0.0.1' is not a network such as 10.0.0.0/8, 192.0.2.7/32 or fd00::/8, with no bit set beyond its length")]
    [InlineData("Inbound:AcceptProxyProtocolFrom:0", "10.0.0.1/8", "Sidecar:Inbound:AcceptProxyProtocolFrom:0: '10.0.0.1/8' is not a network such as 10.0.0.0/8, 192.0.2.7/32 or fd00::/8, with no bit set beyond its length")]
    [InlineData("Inbound:AcceptProxyProtocolFrom:0", "10.0.0.0/33", "Sidecar:Inbound:AcceptProxyProtocolFrom:0: '10.0.0.0/33' is not a network such as 10.0.0.0/8, 192.0.2.7/32 or fd00::/8, with no bit set beyond its length")]
    [InlineData("Inbound:AcceptProxyProtocolFrom:0", "0x0a.0.0.0/8", "Sidecar:Inbound:AcceptProxyProtocolFrom:0: '0x0a.0.0.0/8' is not a network such as 10.0.0.0/8, 192.0.2.7/32 or fd00::/8, with no bit set beyond its length")]
    [InlineData("Inbound:AcceptProxyProtocolFrom:0", "load-balancer", "Sidecar:Inbound:AcceptProxyProtocolFrom:0: 'load-balancer' is not a network such as 10.0.0.0/8, 192.0.2.7/32 or fd00::/8, with no bit set beyond its length")]
    [InlineData("Inbound", "on", "Sidecar:Inbound: a section with keys is expected, not the value 'on'")]
    [InlineData("Inbound:Listen:0", "x", "Sidecar:Inbound:Listen: a single value is expected, not a section or list")]
    [InlineData("Validation:Validators", "Local", "Sidecar:Validation:Validators: a list is expected, not the value 'Local'")]
    [InlineData("Validation:Validators:x", "Local", "Sidecar:Validation:Validators:x: a list is expected here, numbered from 0 without gaps; index 0 is missing")]
    [InlineData("Validation:Crl:Files:1", "b.crl", "Sidecar:Validation:Crl:Files:1: a list is expected here, numbered from 0 without gaps; index 0 is missing")]
    [InlineData("Tunnels", "amqp", "Sidecar:Tunnels: a section of names is expected, not the value 'amqp'")]
    [InlineData("Validation:Crl:Urls:0", "ftp://crl.test/a", "Sidecar:Validation:Crl:Urls:0: 'ftp://crl.test/a' is not an absolute http or https URL without user and fragment")]
    [InlineData("Trust:TrustDomain", "Foo.test", "Sidecar:Trust:TrustDomain: 'Foo.test' is not a trust domain name: lower-case letters, digits, dot, dash and underscore")]
    [InlineData("Authorization:Policies:0:Action", "Allow", "Sidecar:Authorization:Policies:0:Name: is required")]
    public void BadValue_IsReportedWithItsFullKey(string key, string value, string error)
        => SampleConfiguration.ErrorsWith(key, value).Should().Contain(error);

    [Fact]
    public void ManyErrors_AreReportedAtOnce_AndNoOptionsAreHandedOut()
    {
        var result = SampleConfiguration.With(
            ("Inbound:Lisen", "x"), ("Drain:Delay", "soon"), ("Validation:UnknownStatus", "7"), ("Outbound:Listen", "http://0.0.0.0:15001"));

        result.IsValid.Should().BeFalse();
        result.Options.Should().BeNull();
        result.Errors.Select(error => error.Key).Should().BeEquivalentTo(
            "Sidecar:Inbound:Lisen", "Sidecar:Drain:Delay", "Sidecar:Validation:UnknownStatus", "Sidecar:Outbound:Listen");
    }

    [Fact]
    public void MissingKeys_AreNamedOneByOne()
        => SampleConfiguration.Read("""{ "Sidecar": { "Inbound": {}, "Tunnels": { "t": {} } } }""").Errors.Select(error => error.ToString())
            .Should().BeEquivalentTo(
                "Sidecar:Trust:BundleFile: is required",
                "Sidecar:Identity:CertificateFile: is required when Sidecar:Identity:Source is File",
                "Sidecar:Identity:KeyFile: is required when Sidecar:Identity:Source is File",
                "Sidecar:Inbound:Listen: is required",
                "Sidecar:Inbound:Application: is required",
                "Sidecar:Tunnels:t:Direction: is required",
                "Sidecar:Tunnels:t:Listen: is required",
                "Sidecar:Tunnels:t:Destinations: is required");

    [Theory]
    [InlineData("""{ "From": [] }""", "Sidecar:Authorization:Policies:0:Rules:0:From")]
    [InlineData("""{ "From": [ {} ] }""", "Sidecar:Authorization:Policies:0:Rules:0:From:0")]
    [InlineData("""{ "From": [ { "Principals": [] } ] }""", "Sidecar:Authorization:Policies:0:Rules:0:From:0:Principals")]
    [InlineData("""{ "From": [ { "Principals": "" } ] }""", "Sidecar:Authorization:Policies:0:Rules:0:From:0:Principals")]
    [InlineData("""{ "From": [ { "Principals": null } ] }""", "Sidecar:Authorization:Policies:0:Rules:0:From:0:Principals")]
    [InlineData("""{ "From": [ { "Principals": [ null ] } ] }""", "Sidecar:Authorization:Policies:0:Rules:0:From:0:Principals:0")]
    [InlineData("""{ "From": [ { "Principals": [ "*" ] } ] }""", "Sidecar:Authorization:Policies:0:Rules:0:From:0:Principals:0")]
    [InlineData("""{ "From": [ { "Principals": [ "spiffe://*/web" ] } ] }""", "Sidecar:Authorization:Policies:0:Rules:0:From:0:Principals:0")]
    [InlineData("""{ "From": null }""", "Sidecar:Authorization:Policies:0:Rules:0:From")]
    [InlineData("""{ "To": [ { "Methods": [] } ] }""", "Sidecar:Authorization:Policies:0:Rules:0:To:0:Methods")]
    [InlineData("""{ "To": [ { "Paths": [] } ] }""", "Sidecar:Authorization:Policies:0:Rules:0:To:0:Paths")]
    [InlineData("""{ "To": [ { "Listeners": [] } ] }""", "Sidecar:Authorization:Policies:0:Rules:0:To:0:Listeners")]
    [InlineData("{}", "Sidecar:Authorization:Policies:0:Rules:0")]
    public void EmptyRestriction_IsAnErrorAndNeverMatchesEverything(string rule, string key)
        => SampleConfiguration.Read(
            $$"""
            { "Sidecar": {
                "Identity": { "CertificateFile": "c", "KeyFile": "k" }, "Trust": { "BundleFile": "b" },
                "Authorization": { "Policies": [ { "Name": "p", "Action": "Allow", "Rules": [ {{rule}} ] } ] } } }
            """).Errors.Should().ContainSingle().Which.Key.Should().Be(key);

    [Fact]
    public void EmptyPeerIdentities_AreAnErrorAndNeverMeanAnybody()
        => SampleConfiguration.Read(
            """
            { "Sidecar": {
                "Identity": { "CertificateFile": "c", "KeyFile": "k" }, "Trust": { "BundleFile": "b" },
                "Outbound": { "Listen": "http://127.0.0.1:1", "Upstreams": { "u": { "Destinations": [ "https://u:1" ], "PeerIdentities": [] } } } } }
            """).Errors.Should().ContainSingle().Which.Key.Should().Be("Sidecar:Outbound:Upstreams:u:PeerIdentities");

    [Fact]
    public void KeysInAnotherCase_AreTheSameKeys()
        => SampleConfiguration.Read(
            """{ "sidecar": { "IDENTITY": { "certificatefile": "c", "keyfile": "k" }, "trust": { "bundleFile": "b" }, "inbound": null } }""")
            .Errors.Select(error => error.ToString()).Should().Equal("Sidecar:inbound: null is no value; leave the key out instead");

    [Fact]
    public void EmptyTextOfAnOptionalValue_MeansNotSet()
    {
        var options = SampleConfiguration.With(("Validation:Ocsp:Url", ""), ("Trust:TrustDomain", ""), ("Outbound:Upstreams:users:Listen", "")).Options!;

        (options.Validation.Ocsp.Url, options.Trust.TrustDomain, options.Outbound!.Upstreams["users"].Listen).Should().Be((null, null, null));
    }

    [Fact]
    public void ValueWithTerminalControls_IsShownHarmless()
        => SampleConfiguration.ErrorsWith("Drain:Delay", "\u001b[2Jx").Single().Should().NotContain("\u001b");

    [Fact]
    public void UnreadableElement_KeepsTheIndexOfThoseBehindIt()
        => SampleConfiguration.With(("Tunnels:amqp-in:Destinations:0", "nonsense"), ("Tunnels:amqp-in:Destinations:1", "tcp://10.0.0.1:1"))
            .Errors.Select(error => error.Key).Should().BeEquivalentTo("Sidecar:Tunnels:amqp-in:Destinations:0", "Sidecar:Tunnels:amqp-in:Destinations:1");
}
