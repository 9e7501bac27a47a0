using System.Diagnostics;
using MtlsSidecar.Demo.Pki;

namespace MtlsSidecar.Demo.Sidecars;

/// <summary>A real <c>mtls-sidecar</c> process. It is ended with the demo: asked to drain first, killed when it doesn't end.</summary>
internal sealed class SidecarProcess : IAsyncDisposable
{
    private const int ListenerCount = 4;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(8);

    private readonly Process _process;
    private readonly Task _reading;
    private SidecarSettings _settings;
    private Dictionary<string, Uri> _addresses = [];

    private SidecarProcess(SidecarSettings settings, Process process)
    {
        _settings = settings;
        _process = process;
        _reading = Task.WhenAll(Log.FollowAsync(process.StandardOutput), Log.FollowAsync(process.StandardError));
    }

    public int Id => _process.Id;

    public string Name => _settings.Workload.Name;

    public SidecarLog Log { get; } = new();

    /// <summary>Mutual TLS from peers, by the name in its certificate.</summary>
    public Uri Inbound => new UriBuilder(_addresses["Inbound"]) { Host = "localhost" }.Uri;

    /// <summary>Plain HTTP from the service beside it.</summary>
    public Uri Outbound => _addresses["Outbound"];

    /// <summary>Opaque bytes: from peers to the broker, or from local clients to a peer.</summary>
    public Uri Tunnel => new(Log.Of("TunnelListenerBound").Single()["Address"]!);

    /// <summary>What it tells operators.</summary>
    public SidecarAdmin Admin => new(_addresses["Admin"]);

    /// <summary>Starts a sidecar; it becomes ready by itself.</summary>
    public static async Task<SidecarProcess> StartAsync(SidecarSettings settings, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(FileOf(settings.Workload), settings.ToJson(), cancellationToken);
        var process = Process.Start(ChildProgram.StartIn(settings.Workload.Directory, ChildProgram.Sidecar, "run"))!;
        process.StandardInput.Close();
        return new SidecarProcess(settings, process);
    }

    /// <summary>Waits until it serves.</summary>
    /// <exception cref="SidecarFailedException">It ended, or took too long.</exception>
    public async Task BecomeReadyAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        try
        {
            await Patience.UntilAsync("its listeners", () => _process.HasExited || (Log.Of("ListenerBound").Count == ListenerCount && Log.Of("TunnelListenerBound").Count == 1), limit.Token);
            if (!_process.HasExited)
            {
                _addresses = Log.Of("ListenerBound").ToDictionary(line => line["Listener"]!, line => new Uri(line["Address"]!));
                await Patience.UntilAsync("its readiness", () => SidecarAdmin.ReadProbeAsync(_addresses["Probes"], limit.Token), limit.Token);
                return;
            }
        }
        catch (TimeoutException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new SidecarFailedException(this, $"was not ready within {StartLimit.TotalSeconds} s: {exception.Message}");
        }

        await _reading;
        throw new SidecarFailedException(this, $"ended at once with exit code {_process.ExitCode}");
    }

    /// <summary>Lets its service call another one under that one's name: a new upstream, by a reload of the settings. A tunnel to it leads there from then on.</summary>
    /// <exception cref="SidecarFailedException">The reload was refused.</exception>
    public async Task ConnectAsync(Party peer, CancellationToken cancellationToken)
    {
        var upstreams = new Dictionary<Workload, Uri>(_settings.Upstreams) { [peer.Workload] = peer.Sidecar.Inbound };
        var tunnel = _settings.Tunnel.Peer == peer.Workload
            ? _settings.Tunnel with { Destination = peer.Sidecar.Tunnel.GetLeftPart(UriPartial.Authority) }
            : _settings.Tunnel;
        _settings = _settings with { Upstreams = upstreams, Tunnel = tunnel };
        await AtomicFile.WriteAsync(FileOf(_settings.Workload), _settings.ToJson(), cancellationToken);
        if (!await Admin.ReloadAsync(cancellationToken))
        {
            throw new SidecarFailedException(this, "refused its new settings");
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(EndLimit);
        try
        {
            await Admin.DrainAsync(limit.Token);
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (Exception exception) when (exception is KeyNotFoundException or HttpRequestException or OperationCanceledException)
        {
            // It never listened, it has ended by itself, Ctrl+C has reached it too, or it hangs: in no case may it outlive the demo.
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        await _reading;
        _process.Dispose();
    }

    private static string FileOf(Workload workload) => Path.Combine(workload.Directory, "appsettings.json");
}
