using System.Net;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Inbound;

/// <summary>Client certificates judged by a real OCSP responder. No CRL covers them: only the root's is configured.</summary>
public sealed class OcspTests : HttpHouse
{
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Pki.Directory.Write("root.crl", WorkloadPki.CrlPem(Pki.Root.CreateCrl([])));
    }

    [Theory]
    [InlineData("Post")]
    [InlineData("Get")]
    public async Task ConfiguredResponder_RefusesTheRevokedAndNobodyElse(string method)
    {
        var revoked = Pki.Issue("revoked", WorkloadPki.ForWorkload("web"));
        await using var responder = await OpenSslResponder.StartAsync(Pki.Issuing, port: null, Pki.Web, revoked);
        responder.Revoke(revoked);
        await using var sidecar = await StartOrdersAsync(settings => settings.Set("Validation:Ocsp:Url", responder.Url).Set("Validation:Ocsp:Method", method));

        (await StatusAsync(sidecar, Pki.Web)).Should().Be(HttpStatusCode.OK);
        var bytes = Application.BytesReceived;
        (await StatusAsync(sidecar, revoked)).Should().BeNull();

        Application.BytesReceived.Should().Be(bytes);
        (await sidecar.Log.WaitForRefusalAsync("Revoked"))["Detail"].Should().Contain("KeyCompromise");
        var metrics = await sidecar.MetricsAsync();
        metrics.Sum("mtls_sidecar_ocsp_requests_total", ("result", "good")).Should().Be(1);
        metrics.Sum("mtls_sidecar_ocsp_requests_total", ("result", "revoked")).Should().Be(1);
    }

    [Fact]
    public async Task ResponderThatTheCertificateNames_IsAskedOnceThePathHolds()
    {
        var port = FreePorts.Next();
        var options = WithResponder(WorkloadPki.ForWorkload("web"), $"http://127.0.0.1:{port}/");
        var good = Pki.Issue("good", options);
        var revoked = Pki.Issue("revoked", options);
        await using var responder = await OpenSslResponder.StartAsync(Pki.Issuing, port, good, revoked);
        responder.Revoke(revoked);
        await using var sidecar = await StartOrdersAsync();

        (await StatusAsync(sidecar, good)).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(sidecar, revoked)).Should().BeNull();
        await sidecar.Log.WaitForRefusalAsync("Revoked");
    }

    [Fact]
    public async Task UntrustedCertificate_MakesUsAskNobody()
    {
        await using var responder = ScriptedHttpServer.Start(request => request.RefuseAsync(503));
        var foreign = Pki.Issue("foreign-ocsp", WithResponder(WorkloadPki.ForWorkload("web"), responder.Url()), Pki.ForeignIssuing);
        await using var sidecar = await StartOrdersAsync();

        (await StatusAsync(sidecar, foreign)).Should().BeNull();

        await sidecar.Log.WaitForRefusalAsync("UntrustedAnchor");
        responder.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task CertificateThatTheResponderDoesNotKnow_IsUnknown()
    {
        await using var responder = await OpenSslResponder.StartAsync(Pki.Issuing, port: null, Pki.Web);
        var stranger = Pki.Issue("stranger", WorkloadPki.ForWorkload("web"));
        await using var sidecar = await StartOrdersAsync(settings => settings.Set("Validation:Ocsp:Url", responder.Url));

        (await StatusAsync(sidecar, stranger)).Should().BeNull();

        (await sidecar.Log.WaitForRefusalAsync("RevocationUnknown"))["Detail"].Should().Contain("not known to OCSP responder");
    }

    [Theory]
    [InlineData("Reject", null)]
    [InlineData("Accept", HttpStatusCode.OK)]
    public async Task DeadResponder_LeavesTheDecisionToUnknownStatus(string unknownStatus, HttpStatusCode? status)
    {
        await using var sidecar = await StartOrdersAsync(settings => settings
            .Set("Validation:UnknownStatus", unknownStatus)
            .Set("Validation:Ocsp:Url", $"http://127.0.0.1:{FreePorts.Next()}/"));

        (await StatusAsync(sidecar, Pki.Web)).Should().Be(status);

        (await sidecar.Log.WaitForEventAsync("OcspFailed")).Level.Should().Be("Warning");
        (await sidecar.MetricsAsync()).Sum("mtls_sidecar_ocsp_requests_total", ("result", "failure")).Should().BePositive();
    }

    [Fact]
    public async Task DeadResponder_LeavesTheDecisionToACrlThatCovers()
    {
        await using var sidecar = await StartOrdersAsync(settings => settings
            .Set("Validation:Crl:Files", new[] { Pki.CrlFile })
            .Set("Validation:Ocsp:Url", $"http://127.0.0.1:{FreePorts.Next()}/"));

        (await StatusAsync(sidecar, Pki.Web)).Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("OcspFirst", null)]
    [InlineData("CrlFirst", HttpStatusCode.OK)]
    public async Task Order_DecidesWhatCountsWhenTheCrlIsBehind(string order, HttpStatusCode? status)
    {
        await using var responder = await OpenSslResponder.StartAsync(Pki.Issuing, port: null, Pki.Web);
        responder.Revoke(Pki.Web);
        await using var sidecar = await StartOrdersAsync(settings => settings
            .Set("Validation:Crl:Files", new[] { Pki.CrlFile })
            .Set("Validation:Ocsp:Order", order)
            .Set("Validation:Ocsp:Url", responder.Url));

        (await StatusAsync(sidecar, Pki.Web)).Should().Be(status);
    }

    [Theory]
    [InlineData("OcspFirst")]
    [InlineData("CrlFirst")]
    public async Task CrlThatRevokes_CountsInEitherOrder(string order)
    {
        await using var responder = await OpenSslResponder.StartAsync(Pki.Issuing, port: null, Pki.Web);
        Pki.Revoke(Pki.Web);
        await using var sidecar = await StartOrdersAsync(settings => settings
            .Set("Validation:Crl:Files", new[] { Pki.CrlFile })
            .Set("Validation:Ocsp:Order", order)
            .Set("Validation:Ocsp:Url", responder.Url));

        (await StatusAsync(sidecar, Pki.Web)).Should().BeNull();
        await sidecar.Log.WaitForRefusalAsync("Revoked");
    }

    [Fact]
    public async Task ResponderThatStartsToSayRevoked_CutsTheLiveConnectionAndNoOther()
    {
        var neighbour = Pki.Issue("neighbour", WorkloadPki.ForWorkload("web"));
        await using var responder = await OpenSslResponder.StartAsync(Pki.Issuing, port: null, Pki.Web, neighbour);
        await using var sidecar = await StartOrdersAsync(settings => settings.Set("Validation:Ocsp:Url", responder.Url).Set("Validation:Ocsp:RefreshInterval", "00:00:01"));
        using var revoked = MtlsClient.Create(Pki, Pki.Web);
        using var other = MtlsClient.Create(Pki, neighbour);
        (await CallAsync(revoked, sidecar)).Should().Be(HttpStatusCode.OK);
        (await CallAsync(other, sidecar)).Should().Be(HttpStatusCode.OK);
        var log = sidecar.Log.Position;

        responder.Revoke(Pki.Web);

        var closing = await sidecar.Log.WaitForEventAsync("Closing", log);
        (closing["Reason"], closing["Serial"]).Should().Be(("Revoked", Pki.Web.Serial));
        (await sidecar.Log.WaitForEventAsync("OcspChanged", log))["Serial"].Should().Be(Pki.Web.Serial);
        await Eventually.HoldsAsync(async () => (await SerialsAsync(sidecar)).SequenceEqual([neighbour.Serial]), "the neighbour's connection alone is left");
        (await CallAsync(other, sidecar)).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(sidecar, Pki.Web)).Should().BeNull();
    }

    private static IssueOptions WithResponder(IssueOptions options, string url) => options with
    {
        Configure = request => request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension([url], [], critical: false)),
    };

    protected override void Configure(SidecarSettings settings)
    {
        base.Configure(settings);
        settings
            .Set("Validation:Crl:Files", new[] { Pki.Directory["root.crl"] })
            .Set("Validation:Ocsp:Enabled", true)
            .Set("Validation:Ocsp:Timeout", "00:00:08");
    }

    private static async Task<HttpStatusCode> CallAsync(HttpClient client, SidecarProcess sidecar)
    {
        using var response = await client.GetAsync(new Uri(sidecar.Inbound, "/hello"));
        return response.StatusCode;
    }

    private static async Task<IEnumerable<string?>> SerialsAsync(SidecarProcess sidecar)
        => (await sidecar.PeersAsync()).GetProperty("peers").EnumerateArray().Select(peer => peer.GetProperty("serial").GetString()).ToList();

    private async Task<HttpStatusCode?> StatusAsync(SidecarProcess sidecar, WorkloadFiles peer) => await Peer.StatusAsync(Pki, peer, sidecar.Inbound);
}
