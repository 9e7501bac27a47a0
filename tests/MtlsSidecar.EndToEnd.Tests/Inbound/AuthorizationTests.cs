using System.Net;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Inbound;

/// <summary>Contract, behaviour 2: who may do what, and that no spelling of a path slips past a rule.</summary>
public sealed class AuthorizationTests(AuthorizationTests.Fixture fixture) : IClassFixture<AuthorizationTests.Fixture>
{
    [Theory]
    [InlineData("GET", "/api/orders", 200)]
    [InlineData("GET", "/api/%6frders", 200)]
    [InlineData("GET", "/api/orders?deep=/secret", 200)]
    [InlineData("POST", "/api/orders", 403)]
    [InlineData("GET", "/other", 403)]
    [InlineData("GET", "/API/orders", 403)]
    [InlineData("GET", "/api/secret/x", 403)]
    [InlineData("GET", "/api/SECRET/x", 403)]
    [InlineData("GET", "/api//secret/x", 403)]
    [InlineData("GET", "/api/secret;v=1/x", 403)]
    [InlineData("GET", "/api/%73ecret/x", 403)]
    [InlineData("GET", "//api/secret/x", 403)]
    [InlineData("GET", "/api/sec%ffret/x", 403)]
    [InlineData("GET", "/api/caf%E9", 200)]
    public async Task Request_IsForwardedOnlyIfAllowedAndNotDenied(string method, string target, int status)
    {
        var response = await SendAsync(fixture.Pki.Web, method, target);

        response.Status.Should().Be(status, response.Head + response.Body);
    }

    [Fact]
    public async Task DeniedRequest_GetsAProblemWithoutThePolicysNameAndNeverReachesTheApplication()
    {
        var before = fixture.Application.BytesReceived;

        var response = await SendAsync(fixture.Pki.Web, "GET", "/api/secret/x");

        response.Status.Should().Be(403);
        response.Head.Should().Contain("application/problem+json");
        response.Reason.Should().Be("denied");
        (response.Head + response.Body).Should().NotContainAny("hidden-policy", "callers", "audit-policy");
        fixture.Application.BytesReceived.Should().Be(before);
    }

    [Fact]
    public async Task PeerThatNoPolicyNames_IsDenied()
    {
        var response = await SendAsync(fixture.Pki.Users, "GET", "/api/orders");

        response.Status.Should().Be(403);
        response.Reason.Should().Be("denied");
    }

    [Fact]
    public async Task Audit_IsLoggedAndCountedAndDecidesNothing()
    {
        var (log, before) = (fixture.Sidecar.Log.Position, await DecisionsAsync());

        (await SendAsync(fixture.Pki.Users, "GET", "/audited")).Status.Should().Be(403);
        (await SendAsync(fixture.Pki.Web, "GET", "/api/audited")).Status.Should().Be(200);

        (await AuditedAsync("/audited")).Should().Be(("audit-policy", WorkloadPki.SpiffeId("users")));
        (await AuditedAsync("/api/audited")).Should().Be(("audit-policy", WorkloadPki.SpiffeId("web")));
        Grown(before, await DecisionsAsync()).Should().BeEquivalentTo(["audit audit-policy 2", "deny default 1", "allow callers 1"]);

        async Task<(string?, string?)> AuditedAsync(string path)
        {
            var line = await fixture.Sidecar.Log.WaitForAsync(line => line.Event == "Audited" && line["Path"] == path, log);
            return (line["Policy"], line["Peer"]);
        }
    }

    [Fact]
    public async Task Decisions_AreCountedByWhatDecided()
    {
        var before = await DecisionsAsync();

        await SendAsync(fixture.Pki.Web, "GET", "/api/orders");
        await SendAsync(fixture.Pki.Users, "GET", "/api/orders");
        await SendAsync(fixture.Pki.Web, "GET", "/api/secret/x");

        Grown(before, await DecisionsAsync()).Should().BeEquivalentTo(["allow callers 1", "deny default 1", "deny hidden-policy 1"]);
    }

    [Fact]
    public async Task DeniedRequests_AreCountedByTheirStatus()
    {
        var before = await fixture.Sidecar.MetricsAsync();

        await SendAsync(fixture.Pki.Users, "GET", "/api/orders");

        var after = await fixture.Sidecar.MetricsAsync();
        (after.Sum("mtls_sidecar_requests_total", ("direction", "inbound"), ("code", "403")) - before.Sum("mtls_sidecar_requests_total", ("direction", "inbound"), ("code", "403")))
            .Should().Be(1);
    }

    [Fact]
    public async Task NoPolicyAtAll_DeniesEverything()
    {
        var settings = SidecarSettings.For("orders", fixture.Pki.Orders, fixture.Pki).Inbound(fixture.Application.Address);
        await using var sidecar = await SidecarProcess.StartAsync(settings);

        (await Peer.StatusAsync(fixture.Pki, fixture.Pki.Web, sidecar.Inbound)).Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task ChangedPolicy_IsFollowedWithoutARestart()
    {
        var settings = SidecarSettings.For("orders", fixture.Pki.Orders, fixture.Pki).Inbound(fixture.Application.Address).Allow(WorkloadPki.SpiffeId("users"));
        await using var sidecar = await SidecarProcess.StartAsync(settings);
        (await Peer.StatusAsync(fixture.Pki, fixture.Pki.Web, sidecar.Inbound)).Should().Be(HttpStatusCode.Forbidden);

        sidecar.ReplaceSettings(changed => changed.Remove("Authorization:Policies").Allow(WorkloadPki.SpiffeId("web")));

        await TestKit.Time.Eventually.HoldsAsync(
            async () => await Peer.StatusAsync(fixture.Pki, fixture.Pki.Web, sidecar.Inbound) == HttpStatusCode.OK, "the new policy lets web in");
        (await Peer.StatusAsync(fixture.Pki, fixture.Pki.Users, sidecar.Inbound)).Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task FederatedPeer_IsJudgedByItsOwnDomainsBundleOnly()
    {
        var pki = fixture.Pki;
        var bar = pki.Directory.Write("bar.crt", pki.ForeignRoot.Certificate.ExportCertificatePem());
        var barOptions = WorkloadPki.ForWorkload("web") with { Uris = ["spiffe://bar.test/web"] };
        var barPeer = pki.Issue("bar-web", barOptions, pki.ForeignIssuing);
        var fooPosingAsBar = pki.Issue("foo-posing", barOptions);
        var barPosingAsFoo = pki.Foreign;
        var settings = SidecarSettings.For("orders", pki.Orders, pki).Inbound(fixture.Application.Address)
            .Allow("spiffe://bar.test/web", WorkloadPki.SpiffeId("web"))
            .Set("Validation:Revocation", "Off")
            .Set("Trust:TrustDomain", WorkloadPki.TrustDomain)
            .Set("Trust:Federated", new Dictionary<string, object> { ["bar.test"] = new { BundleFile = bar } });
        await using var sidecar = await SidecarProcess.StartAsync(settings);

        (await Peer.StatusAsync(pki, barPeer, sidecar.Inbound)).Should().Be(HttpStatusCode.OK);
        (await Peer.StatusAsync(pki, fooPosingAsBar, sidecar.Inbound)).Should().BeNull();
        (await Peer.StatusAsync(pki, barPosingAsFoo, sidecar.Inbound)).Should().BeNull();
        (await Peer.StatusAsync(pki, pki.Web, sidecar.Inbound)).Should().Be(HttpStatusCode.OK);
    }

    private static IEnumerable<string> Grown(Dictionary<string, double> before, Dictionary<string, double> after)
        => after.Where(pair => pair.Value > before[pair.Key]).Select(pair => $"{pair.Key} {pair.Value - before[pair.Key]}");

    private async Task<Dictionary<string, double>> DecisionsAsync()
    {
        var metrics = await fixture.Sidecar.MetricsAsync();
        var labels =
            from decision in new[] { "allow", "deny", "audit" }
            from source in new[] { "callers", "hidden-policy", "audit-policy", "default" }
            select (Decision: decision, Source: source);
        return labels.ToDictionary(
            pair => $"{pair.Decision} {pair.Source}",
            pair => metrics.Sum("mtls_sidecar_authorization_decisions_total", ("decision", pair.Decision), ("source", pair.Source)));
    }

    private async Task<RawResponse> SendAsync(WorkloadFiles peer, string method, string target)
    {
        await using var connection = await WireConnection.ConnectAsync(fixture.Pki, peer, fixture.Port);
        return RawResponse.Parse(await connection.ExchangeAsync($"{method} {target} HTTP/1.1\r\nHost: orders\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    }

    public sealed class Fixture : InboundFixture
    {
        protected override void Configure(SidecarSettings settings) => settings
            .Policy(new
            {
                Name = "callers",
                Action = "Allow",
                Rules = new[]
                {
                    new
                    {
                        From = new[] { new { Principals = new[] { WorkloadPki.SpiffeId("web") } } },
                        To = new[] { new { Methods = new[] { "GET" }, Paths = new[] { "/api/*" }, Listeners = new[] { "Inbound" } } },
                    },
                },
            })
            .Policy(new { Name = "hidden-policy", Action = "Deny", Rules = new[] { new { To = new[] { new { Paths = new[] { "/api/secret/*" } } } } } })
            .Policy(new { Name = "audit-policy", Action = "Audit", Rules = new[] { new { To = new[] { new { Paths = new[] { "/audited", "/api/audited" } } } } } });
    }
}
