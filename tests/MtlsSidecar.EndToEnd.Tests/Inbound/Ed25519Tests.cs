using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Inbound;

/// <summary>Clients with Ed25519 keys under an Ed25519 authority, as OpenSSL makes and presents them.</summary>
public sealed class Ed25519Tests : IAsyncLifetime
{
    private const string Request = "GET /secret HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n";
    private readonly WorkloadPki _pki = new();
    private readonly Ed25519Authority _authority = new();
    private HttpApplication _application = null!;
    private SidecarProcess _sidecar = null!;

    public async Task InitializeAsync()
    {
        await _authority.MakeRootAsync("Ed Root");
        await _authority.MakeAuthorityAsync("Ed Issuing", "Ed Root");
        var bundle = _pki.Directory.Write("both.crt", await File.ReadAllTextAsync(_pki.BundleFile) + await File.ReadAllTextAsync(_authority.CertificateFile("Ed Root")));
        _application = await HttpApplication.StartAsync();

        // Its CRLs can't be verified (docs/conformance.md), so an operator has to do without.
        _sidecar = await SidecarProcess.StartAsync(SidecarSettings.For("orders", _pki.Orders, _pki)
            .Inbound(_application.Address)
            .Set("Trust:BundleFile", bundle)
            .Set("Validation:Revocation", "Off")
            .Allow(WorkloadPki.SpiffeId("web")));
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task Client_IsServed(string protocol)
        => (await SendAsync("web", "Ed Issuing", protocol)).Should().Contain("HTTP/1.1 200 OK");

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task ClientOfANamesakeOfTheAuthority_IsRefused(string protocol)
    {
        await _authority.MakeRootAsync("Impostor", subject: "Ed Issuing");
        var bytes = _application.BytesReceived;

        (await SendAsync("web", "Impostor", protocol)).Should().NotContain("HTTP/");

        _application.BytesReceived.Should().Be(bytes);
    }

    public async Task DisposeAsync()
    {
        await _sidecar.DisposeAsync();
        await _application.DisposeAsync();
        _authority.Dispose();
        _pki.Dispose();
    }

    private async Task<string> SendAsync(string name, string issuer, string protocol)
    {
        await _authority.MakeWorkloadAsync(name, issuer, WorkloadPki.SpiffeId(name));
        var chain = _pki.Directory.Write("ed.crt", await File.ReadAllTextAsync(_authority.CertificateFile(name)) + await File.ReadAllTextAsync(_authority.CertificateFile("Ed Issuing")));
        var workload = new WorkloadFiles(chain, _authority.KeyFile(name), _pki.Web.Certificate);
        return (await OpenSslClient.SendAsync(_sidecar.Inbound.Port, Request, workload, protocol)).Output;
    }
}
