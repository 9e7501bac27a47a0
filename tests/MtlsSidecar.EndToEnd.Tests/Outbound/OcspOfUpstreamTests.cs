using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Outbound;

/// <summary>Server certificates judged by a real OCSP responder. No CRL covers them: only the root's is configured.</summary>
public sealed class OcspOfUpstreamTests : IDisposable
{
    private readonly WorkloadPki _pki = new();

    public void Dispose() => _pki.Dispose();

    [Fact]
    public async Task RevokedServer_IsRefusedAndSeesNoRequest()
    {
        await using var peer = await HttpApplication.StartPeerAsync(_pki.Orders);
        await using var responder = await OpenSslResponder.StartAsync(_pki.Issuing, port: null, _pki.Orders);
        responder.Revoke(_pki.Orders);
        await using var sidecar = await StartAsync(peer, responder.Url, "Reject");

        var problem = await CallAsync(sidecar);

        (problem.Status, problem.Reason, problem.RejectionReason).Should().Be((502, "upstream_certificate_rejected", "Revoked"));
        peer.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task GoodServer_IsCalled()
    {
        await using var peer = await HttpApplication.StartPeerAsync(_pki.Orders);
        await using var responder = await OpenSslResponder.StartAsync(_pki.Issuing, port: null, _pki.Orders);
        await using var sidecar = await StartAsync(peer, responder.Url, "Reject");

        (await CallAsync(sidecar)).Status.Should().Be(200);
    }

    [Fact]
    public async Task ServerRevokedMeanwhile_LosesItsPooledConnection()
    {
        await using var peer = await HttpApplication.StartPeerAsync(_pki.Orders);
        await using var responder = await OpenSslResponder.StartAsync(_pki.Issuing, port: null, _pki.Orders);
        await using var sidecar = await StartAsync(peer, responder.Url, "Reject");
        (await CallAsync(sidecar)).Status.Should().Be(200);
        var log = sidecar.Log.Position;

        responder.Revoke(_pki.Orders);

        (await sidecar.Log.WaitForEventAsync("Closing", log))["Reason"].Should().Be("Revoked");
        (await CallAsync(sidecar)).RejectionReason.Should().Be("Revoked");
    }

    [Theory]
    [InlineData("Reject", 502)]
    [InlineData("Accept", 200)]
    public async Task DeadResponder_LeavesTheDecisionToUnknownStatus(string unknownStatus, int status)
    {
        await using var peer = await HttpApplication.StartPeerAsync(_pki.Orders);
        await using var sidecar = await StartAsync(peer, $"http://127.0.0.1:{FreePorts.Next()}/", unknownStatus);

        (await CallAsync(sidecar)).Status.Should().Be(status);
    }

    private static async Task<Problem> CallAsync(SidecarProcess sidecar)
    {
        using var client = PlainClient.Create();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(sidecar.Outbound, "/hello")) { Headers = { Host = "orders" } };
        using var response = await client.SendAsync(request);
        return await Problem.ReadAsync(response);
    }

    private Task<SidecarProcess> StartAsync(HttpApplication peer, string responder, string unknownStatus)
    {
        _pki.Directory.Write("root.crl", WorkloadPki.CrlPem(_pki.Root.CreateCrl([])));
        return SidecarProcess.StartAsync(SidecarSettings.For("web", _pki.Web, _pki)
            .Upstream("orders", WorkloadPki.SpiffeId("orders"), $"https://localhost:{peer.Port}")
            .Set("Validation:Crl:Files", new[] { _pki.Directory["root.crl"] })
            .Set("Validation:UnknownStatus", unknownStatus)
            .Set("Validation:Ocsp", new { Enabled = true, Url = responder, Timeout = "00:00:08", RefreshInterval = "00:00:01" }));
    }
}
