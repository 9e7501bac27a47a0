using System.Net;
using System.Text.Json;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.TestKit.Sidecar;

/// <summary>A running <c>mtls-sidecar</c>: the built program in a directory of its own, with nothing of the test in its process.</summary>
public sealed class SidecarProcess : IAsyncDisposable
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero });

    private readonly TestDirectory _directory = new();

    private SidecarProcess(SidecarSettings settings, IReadOnlyDictionary<string, string?>? environment, Func<ProcessStart, ProcessStart>? wrap)
    {
        Settings = settings;
        _directory.Write("appsettings.json", settings.ToJson());
        var start = SidecarProgram.Start(_directory.Path, ["run"], environment) with { Input = "" };
        Process = ChildProcess.Start(wrap?.Invoke(start) ?? start);
        Log = new SidecarLog(Process.Output);
    }

    public SidecarSettings Settings { get; }

    public ChildProcess Process { get; }

    public SidecarLog Log { get; }

    /// <summary>The configuration file that the daemon reads and watches.</summary>
    public string SettingsFile => _directory["appsettings.json"];

    /// <summary>The mTLS listener.</summary>
    public Uri Inbound => Address("Inbound:Listen");

    /// <summary>The mTLS listener by the name that certificates of <c>mtls-authority</c> give it.</summary>
    public Uri InboundByName => new UriBuilder(Inbound) { Host = "localhost" }.Uri;

    /// <summary>The local application's way out.</summary>
    public Uri Outbound => Address("Outbound:Listen");

    /// <summary>The port that a tunnel listens on.</summary>
    public int Tunnel(string name) => Address($"Tunnels:{name}:Listen").Port;

    public Uri Admin => Address("Admin:Listen");

    public Uri Probes => Address("Admin:Probes");

    /// <summary>Starts a daemon without waiting for anything; <paramref name="wrap"/> may put another program before it that becomes it.</summary>
    public static SidecarProcess Launch(SidecarSettings settings, IReadOnlyDictionary<string, string?>? environment = null, Func<ProcessStart, ProcessStart>? wrap = null)
        => new(settings, environment, wrap);

    /// <summary>Starts a daemon and waits until it is ready.</summary>
    public static async Task<SidecarProcess> StartAsync(
        SidecarSettings settings, IReadOnlyDictionary<string, string?>? environment = null, Func<ProcessStart, ProcessStart>? wrap = null)
    {
        var sidecar = Launch(settings, environment, wrap);
        try
        {
            await sidecar.WaitUntilReadyAsync();
            return sidecar;
        }
        catch
        {
            await sidecar.DisposeAsync();
            throw;
        }
    }

    public Task WaitUntilReadyAsync() => Eventually.HoldsAsync(
        async () => Process.HasExited
            ? throw new InvalidOperationException($"mtls-sidecar ended before it was ready.\n{Process.Output}\n{Process.Error}")
            : await ProbeAsync("ready") == HttpStatusCode.OK,
        "ready");

    /// <summary>The status of a probe, or null while nobody listens.</summary>
    public async Task<HttpStatusCode?> ProbeAsync(string name)
    {
        try
        {
            using var response = await Client.GetAsync(new Uri(Probes, $"/healthz/{name}"));
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public async Task<MetricsText> MetricsAsync() => new(await Client.GetStringAsync(new Uri(Admin, "/metrics")));

    public Task<JsonElement> StatusAsync() => GetJsonAsync("/status");

    public Task<JsonElement> PeersAsync() => GetJsonAsync("/peers");

    /// <summary>Posts to the admin listener: <c>/reload</c>, <c>/drain</c>.</summary>
    public Task<HttpResponseMessage> PostAsync(string path) => Client.PostAsync(new Uri(Admin, path), content: null);

    /// <summary>Replaces the configuration file in one step; the daemon reloads it by itself.</summary>
    public void ReplaceSettings(Action<SidecarSettings> change)
    {
        change(Settings);
        AtomicRename.Write(SettingsFile, Settings.ToJson());
    }

    /// <summary>Sends SIGTERM and waits for the end.</summary>
    public async Task<int> TerminateAsync(TimeSpan? timeout = null)
    {
        Process.Signal(ProcessSignal.Terminate);
        return await Process.WaitForExitAsync(timeout ?? TimeSpan.FromSeconds(40));
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _directory.Dispose();
    }

    private async Task<JsonElement> GetJsonAsync(string path)
    {
        using var document = JsonDocument.Parse(await Client.GetStringAsync(new Uri(Admin, path)));
        return document.RootElement.Clone();
    }

    private Uri Address(string key) => new(Settings.Text(key) ?? throw new InvalidOperationException($"{key} is not configured."));
}
