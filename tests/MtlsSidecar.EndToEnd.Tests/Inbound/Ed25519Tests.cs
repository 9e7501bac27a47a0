using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Inbound;

/// <summary>Clients with Ed25519 keys under an Ed25519 authority, as OpenSSL makes and presents them.</summary>
public sealed class Ed25519Tests : HttpHouse
{
    private const string Request = "GET /secret HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n";
    private readonly Ed25519Authority _authority = new();
    private SidecarProcess _sidecar = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await _authority.MakeRootAsync("Ed Root");
        await _authority.MakeAuthorityAsync("Ed Issuing", "Ed Root");
        var bundle = Pki.Directory.Write("both.crt", await File.ReadAllTextAsync(Pki.BundleFile) + await File.ReadAllTextAsync(_authority.CertificateFile("Ed Root")));

        // Its CRLs can't be verified (docs/conformance.md), so an operator has to do without.
        _sidecar = await StartOrdersAsync(settings => settings.Set("Trust:BundleFile", bundle).Set("Validation:Revocation", "Off"));
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
        var bytes = Application.BytesReceived;

        (await SendAsync("web", "Impostor", protocol)).Should().NotContain("HTTP/");

        Application.BytesReceived.Should().Be(bytes);
    }

    public override async Task DisposeAsync()
    {
        await _sidecar.DisposeAsync();
        _authority.Dispose();
        await base.DisposeAsync();
    }

    private async Task<string> SendAsync(string name, string issuer, string protocol)
    {
        await _authority.MakeWorkloadAsync(name, issuer, WorkloadPki.SpiffeId(name));
        var chain = Pki.Directory.Write("ed.crt", await File.ReadAllTextAsync(_authority.CertificateFile(name)) + await File.ReadAllTextAsync(_authority.CertificateFile("Ed Issuing")));
        var workload = new WorkloadFiles(chain, _authority.KeyFile(name), Pki.Web.Certificate);
        return (await OpenSslClient.SendAsync(_sidecar.Inbound.Port, Request, workload, protocol)).Output;
    }
}
