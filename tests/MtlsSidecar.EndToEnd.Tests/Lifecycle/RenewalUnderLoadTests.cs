using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Authorities;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Lifecycle;

/// <summary>Sidecars that renew their certificates while callers keep both cores busy.</summary>
[Collection(nameof(WholeMachine))]
public sealed class RenewalUnderLoadTests : EnrolmentHouse
{
    [Fact]
    public async Task RenewalsOfBothSidesUnderLoad_FailNoRequestAndUseNewKeys()
    {
        Authority = await AuthorityProcess.StartAsync("--certificate-lifetime", "15s");
        await using var orders = await StartOrdersAsync();
        await using var web = await StartWebAsync(orders);
        var (ordersBefore, webBefore) = (KeyOf("orders"), KeyOf("web"));
        using var client = PlainClient.Create();
        var load = RequestLoop.Start(4, () => client.GetAsync(new Uri(Entry(web), "/load")));

        // Longer than any certificate of the beginning lives.
        await Eventually.HoldsAsync(
            async () => load.Failures.Count > 0 || (await RenewalsAsync(orders) >= 3 && await RenewalsAsync(web) >= 3), "three certificates each", TimeSpan.FromSeconds(120));
        await load.ProgressAsync(20);
        await load.StopAsync();

        load.Failures.Should().BeEmpty();
        KeyOf("orders").Should().NotBe(ordersBefore);
        KeyOf("web").Should().NotBe(webBefore);
    }

    private static async Task<double> RenewalsAsync(SidecarProcess sidecar)
        => (await sidecar.MetricsAsync()).Sum("mtls_sidecar_reloads_total", ("what", "identity"), ("result", "success"));

    private string KeyOf(string name) => CertificateOf(name).GetPublicKeyString();
}
