using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Lifecycle;

/// <summary>Certificates that change while callers keep both cores busy.</summary>
[Collection(nameof(WholeMachine))]
public sealed class RotationUnderLoadTests : HttpHouse
{
    [Fact]
    public async Task TwentyRotationsOfBothSidesUnderLoad_FailNoRequest()
    {
        var orders = new ProjectedVolume(Pki.Directory["orders-secret"], Files(Pki.Orders));
        var web = new ProjectedVolume(Pki.Directory["web-secret"], Files(Pki.Web));
        await using var pair = await SidecarPair.StartAsync(Pki, Application.Address, UseSecret(orders), UseSecret(web));
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
        var renewed = Pki.Issue($"{workload}-renewed", WorkloadPki.ForWorkload(workload));
        secret.Replace(Files(renewed));
        await Eventually.HoldsAsync(async () => SameSerial(await SerialAsync(sidecar), renewed.Serial), $"the new certificate of {workload} is in use");
    }
}
