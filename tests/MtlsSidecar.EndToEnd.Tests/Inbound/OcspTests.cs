using System.Net;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Inbound;

/// <summary>Client certificates judged by a real OCSP responder. No CRL covers them: only the root's is configured.</summary>
public sealed class OcspTests : IAsyncLifetime
{
    private readonly WorkloadPki _pki = new();
    private HttpApplication _application = null!;

    public async Task InitializeAsync()
    {
        _application = await HttpApplication.StartAsync();
        _pki.Directory.Write("root.crl", WorkloadPki.CrlPem(_pki.Root.CreateCrl([])));
    }

    public async Task DisposeAsync()
    {
        await _application.DisposeAsync();
        _pki.Dispose();
    }

    [Theory]
    [InlineData("Post")]
    [InlineData("Get")]
    public async Task ConfiguredResponder_RefusesTheRevokedAndNobodyElse(string method)
    {
        var revoked = _pki.Issue("revoked", WorkloadPki.ForWorkload("web"));
        await using var responder = await OpenSslResponder.StartAsync(_pki.Issuing, port: null, _pki.Web, revoked);
        responder.Revoke(revoked);
        await using var sidecar = await StartAsync(settings => settings.Set("Validation:Ocsp:Url", responder.Url).Set("Validation:Ocsp:Method", method));

        (await StatusAsync(sidecar, _pki.Web)).Should().Be(HttpStatusCode.OK);
        var bytes = _application.BytesReceived;
        (await StatusAsync(sidecar, revoked)).Should().BeNull();

        _application.BytesReceived.Should().Be(bytes);
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
        var good = _pki.Issue("good", options);
        var revoked = _pki.Issue("revoked", options);
        await using var responder = await OpenSslResponder.StartAsync(_pki.Issuing, port, good, revoked);
        responder.Revoke(revoked);
        await using var sidecar = await StartAsync(_ => { });

        (await StatusAsync(sidecar, good)).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(sidecar, revoked)).Should().BeNull();
        await sidecar.Log.WaitForRefusalAsync("Revoked");
    }

    [Fact]
    public async Task UntrustedCertificate_MakesUsAskNobody()
    {
        await using var responder = ScriptedHttpServer.Start(request => request.RefuseAsync(503));
        var foreign = _pki.Issue("foreign-ocsp", WithResponder(WorkloadPki.ForWorkload("web"), responder.Url()), _pki.ForeignIssuing);
        await using var sidecar = await StartAsync(_ => { });

        (await StatusAsync(sidecar, foreign)).Should().BeNull();

        await sidecar.Log.WaitForRefusalAsync("UntrustedAnchor");
        responder.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task CertificateThatTheResponderDoesNotKnow_IsUnknown()
    {
        await using var responder = await OpenSslResponder.StartAsync(_pki.Issuing, port: null, _pki.Web);
        var stranger = _pki.Issue("stranger", WorkloadPki.ForWorkload("web"));
        await using var sidecar = await StartAsync(settings => settings.Set("Validation:Ocsp:Url", responder.Url));

        (await StatusAsync(sidecar, stranger)).Should().BeNull();

        (await sidecar.Log.WaitForRefusalAsync("RevocationUnknown"))["Detail"].Should().Contain("not known to OCSP responder");
    }

    [Theory]
    [InlineData("Reject", null)]
    [InlineData("Accept", HttpStatusCode.OK)]
    public async Task DeadResponder_LeavesTheDecisionToUnknownStatus(string unknownStatus, HttpStatusCode? status)
    {
        await using var sidecar = await StartAsync(settings => settings
            .Set("Validation:UnknownStatus", unknownStatus)
            .Set("Validation:Ocsp:Url", $"http://127.0.0.1:{FreePorts.Next()}/"));

        (await StatusAsync(sidecar, _pki.Web)).Should().Be(status);

        (await sidecar.Log.WaitForEventAsync("OcspFailed")).Level.Should().Be("Warning");
        (await sidecar.MetricsAsync()).Sum("mtls_sidecar_ocsp_requests_total", ("result", "failure")).Should().BePositive();
    }

    [Fact]
    public async Task DeadResponder_LeavesTheDecisionToACrlThatCovers()
    {
        await using var sidecar = await StartAsync(settings => settings
            .Set("Validation:Crl:Files", new[] { _pki.CrlFile })
            .Set("Validation:Ocsp:Url", $"http://127.0.0.1:{FreePorts.Next()}/"));

        (await StatusAsync(sidecar, _pki.Web)).Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("OcspFirst", null)]
    [InlineData("CrlFirst", HttpStatusCode.OK)]
    public async Task Order_DecidesWhatCountsWhenTheCrlIsBehind(string order, HttpStatusCode? status)
    {
        await using var responder = await OpenSslResponder.StartAsync(_pki.Issuing, port: null, _pki.Web);
        responder.Revoke(_pki.Web);
        await using var sidecar = await StartAsync(settings => settings
            .Set("Validation:Crl:Files", new[] { _pki.CrlFile })
            .Set("Validation:Ocsp:Order", order)
            .Set("Validation:Ocsp:Url", responder.Url));

        (await StatusAsync(sidecar, _pki.Web)).Should().Be(status);
    }

    [Theory]
    [InlineData("OcspFirst")]
    [InlineData("CrlFirst")]
    public async Task CrlThatRevokes_CountsInEitherOrder(string order)
    {
        await using var responder = await OpenSslResponder.StartAsync(_pki.Issuing, port: null, _pki.Web);
        _pki.Revoke(_pki.Web);
        await using var sidecar = await StartAsync(settings => settings
            .Set("Validation:Crl:Files", new[] { _pki.CrlFile })
            .Set("Validation:Ocsp:Order", order)
            .Set("Validation:Ocsp:Url", responder.Url));

        (await StatusAsync(sidecar, _pki.Web)).Should().BeNull();
        await sidecar.Log.WaitForRefusalAsync("Revoked");
    }

    [Fact]
    public async Task ResponderThatStartsToSayRevoked_CutsTheLiveConnectionAndNoOther()
    {
        var neighbour = _pki.Issue("neighbour", WorkloadPki.ForWorkload("web"));
        await using var responder = await OpenSslResponder.StartAsync(_pki.Issuing, port: null, _pki.Web, neighbour);
        await using var sidecar = await StartAsync(settings => settings.Set("Validation:Ocsp:Url", responder.Url).Set("Validation:Ocsp:RefreshInterval", "00:00:01"));
        using var revoked = MtlsClient.Create(_pki, _pki.Web);
        using var other = MtlsClient.Create(_pki, neighbour);
        (await CallAsync(revoked, sidecar)).Should().Be(HttpStatusCode.OK);
        (await CallAsync(other, sidecar)).Should().Be(HttpStatusCode.OK);
        var log = sidecar.Log.Position;

        responder.Revoke(_pki.Web);

        var closing = await sidecar.Log.WaitForEventAsync("Closing", log);
        (closing["Reason"], closing["Serial"]).Should().Be(("Revoked", _pki.Web.Serial));
        (await sidecar.Log.WaitForEventAsync("OcspChanged", log))["Serial"].Should().Be(_pki.Web.Serial);
        await Eventually.HoldsAsync(async () => (await SerialsAsync(sidecar)).SequenceEqual([neighbour.Serial]), "the neighbour's connection alone is left");
        (await CallAsync(other, sidecar)).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(sidecar, _pki.Web)).Should().BeNull();
    }

    private static IssueOptions WithResponder(IssueOptions options, string url) => options with
    {
        Configure = request => request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension([url], [], critical: false)),
    };

    private static async Task<HttpStatusCode> CallAsync(HttpClient client, SidecarProcess sidecar)
    {
        using var response = await client.GetAsync(new Uri(sidecar.Inbound, "/hello"));
        return response.StatusCode;
    }

    private static async Task<IEnumerable<string?>> SerialsAsync(SidecarProcess sidecar)
        => (await sidecar.PeersAsync()).GetProperty("peers").EnumerateArray().Select(peer => peer.GetProperty("serial").GetString()).ToList();

    private Task<SidecarProcess> StartAsync(Action<SidecarSettings> configure)
    {
        var settings = SidecarSettings.For("orders", _pki.Orders, _pki)
            .Inbound(_application.Address)
            .Allow(WorkloadPki.SpiffeId("web"))
            .Set("Validation:Crl:Files", new[] { _pki.Directory["root.crl"] })
            .Set("Validation:Ocsp:Enabled", true)
            .Set("Validation:Ocsp:Timeout", "00:00:08");
        configure(settings);
        return SidecarProcess.StartAsync(settings);
    }

    private async Task<HttpStatusCode?> StatusAsync(SidecarProcess sidecar, WorkloadFiles peer) => await Peer.StatusAsync(_pki, peer, sidecar.Inbound);
}
