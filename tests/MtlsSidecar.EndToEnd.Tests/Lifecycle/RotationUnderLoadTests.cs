using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Lifecycle;

/// <summary>Certificates that change while callers keep both cores busy.</summary>
[Collection(nameof(WholeMachine))]
public sealed class RotationUnderLoadTests : IAsyncLifetime
{
    private readonly WorkloadPki _pki = new();
    private HttpApplication _application = null!;

    public async Task InitializeAsync() => _application = await HttpApplication.StartAsync();

    public async Task DisposeAsync()
    {
        await _application.DisposeAsync();
        _pki.Dispose();
    }

    [Fact]
    public async Task TwentyRotationsOfBothSidesUnderLoad_FailNoRequest()
    {
        var orders = new ProjectedVolume(_pki.Directory["orders-secret"], Files(_pki.Orders));
        var web = new ProjectedVolume(_pki.Directory["web-secret"], Files(_pki.Web));
        await using var pair = await SidecarPair.StartAsync(_pki, _application.Address, UseSecret(orders), UseSecret(web));
        using var client = PlainClient.Create();
        var load = RequestLoop.Start(4, () => client.GetAsync(new Uri(pair.Entry, "/load")));

        for (var round = 0; round < 10; round++)
        {
            await RotateAsync(pair.Orders, orders, "orders");
            await load.ProgressAsync(20);
            await RotateAsync(pair.Web, web, "web");
            await load.ProgressAsync(20);
        }

        await load.StopAsync();
        load.Failures.Should().BeEmpty();
        load.Succeeded.Should().BeGreaterThan(400);
        (await pair.Orders.MetricsAsync()).Sum("mtls_sidecar_reloads_total", ("result", "success")).Should().BeGreaterThanOrEqualTo(10);
    }

    private static Dictionary<string, string> Files(WorkloadFiles workload) => new()
    {
        ["tls.crt"] = workload.Certificate.CertificatePem,
        ["tls.key"] = workload.Certificate.KeyPem,
    };

    private static Action<SidecarSettings> UseSecret(ProjectedVolume secret) =>
        settings => settings.Set("Identity", new { CertificateFile = secret["tls.crt"], KeyFile = secret["tls.key"] });

    private static async Task<string?> SerialAsync(SidecarProcess sidecar) => (await sidecar.StatusAsync()).GetProperty("identity").GetProperty("serial").GetString();

    private static bool SameSerial(string? shown, string serial) =>
        string.Equals(shown?.TrimStart('0'), serial.TrimStart('0'), StringComparison.OrdinalIgnoreCase);

    private async Task RotateAsync(SidecarProcess sidecar, ProjectedVolume secret, string workload)
    {
        var renewed = _pki.Issue($"{workload}-renewed", WorkloadPki.ForWorkload(workload));
        secret.Replace(Files(renewed));
        await Eventually.HoldsAsync(async () => SameSerial(await SerialAsync(sidecar), renewed.Serial), $"the new certificate of {workload} is in use");
    }
}
