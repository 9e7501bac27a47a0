using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Authorities;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Lifecycle;

/// <summary>An authority, an application, and sidecars that enrol with tokens: orders before the application, web before orders.</summary>
public abstract class EnrolmentHouse : IAsyncLifetime
{
    protected const string Web = "spiffe://foo.test/ns/default/sa/web";
    protected const string Orders = "spiffe://foo.test/ns/default/sa/orders";

    protected HttpApplication Application { get; private set; } = null!;

    /// <summary>Started by the test.</summary>
    protected AuthorityProcess Authority { get; set; } = null!;

    public async Task InitializeAsync() => Application = await HttpApplication.StartAsync();

    public async Task DisposeAsync()
    {
        await Authority.DisposeAsync();
        await Application.DisposeAsync();
    }

    protected static Uri Entry(SidecarProcess web) => new(web.Settings.Text("Outbound:Upstreams:orders:Listen")!);

    protected string State(string name) => Authority.Program[$"{name}-state"];

    protected string Identity(string name) => Path.Combine(State(name), "identity.pem");

    protected string Token(string name) => Authority.Program[$"{name}.token"];

    protected X509Certificate2 CertificateOf(string name) => X509Certificate2.CreateFromPem(File.ReadAllText(Identity(name)));

    protected async Task<SidecarSettings> SettingsAsync(string name)
    {
        await File.WriteAllTextAsync(Token(name), await Authority.TokenAsync(name, "--dns", "localhost"));
        return SidecarSettings.Enrolling(name, Authority, Token(name));
    }

    protected async Task<SidecarProcess> StartOrdersAsync(Action<SidecarSettings>? configure = null)
    {
        var settings = (await SettingsAsync("orders")).Inbound(Application.Address).Allow(Web);
        configure?.Invoke(settings);
        return await SidecarProcess.StartAsync(settings);
    }

    protected async Task<SidecarProcess> StartWebAsync(SidecarProcess orders)
    {
        var settings = (await SettingsAsync("web"))
            .Upstream("orders", Orders, orders.InboundByName.GetLeftPart(UriPartial.Authority))
            .Set("Outbound:Upstreams:orders:Listen", SidecarSettings.Loopback(FreePorts.Next()));
        return await SidecarProcess.StartAsync(settings);
    }
}
