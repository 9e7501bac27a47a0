using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.TestKit.Brokers;

/// <summary>A real broker or database from the distribution, with its data in a directory of its own and on loopback ports of its own.</summary>
public sealed class LocalServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private readonly TestDirectory _directory;
    private readonly List<ChildProcess> _processes = [];

    internal LocalServer(TestDirectory directory, int port) => (_directory, Port) = (directory, port);

    public int Port { get; }

    /// <summary>The address as a tunnel's destination.</summary>
    public string Address => $"tcp://127.0.0.1:{Port}";

    /// <summary>What its programs find in their environment.</summary>
    internal IReadOnlyDictionary<string, string?> Environment { get; set; } = new Dictionary<string, string?>();

    public async ValueTask DisposeAsync()
    {
        for (var i = _processes.Count - 1; i >= 0; i--)
        {
            await _processes[i].DisposeAsync();
        }

        _directory.Dispose();
    }

    /// <summary>Starts one of its processes; with a port, waits until that is listened on.</summary>
    internal async Task RunAsync(ProcessStart start, int? port)
    {
        var process = ChildProcess.Start(start with { Input = "" });
        _processes.Add(process);
        if (port is null)
        {
            return;
        }

        try
        {
            await Eventually.HoldsAsync(
                async () => process.HasExited ? throw new InvalidOperationException("It ended.") : await TcpProbe.IsListeningAsync(port.Value),
                $"{start.Program} listens on port {port}",
                StartLimit);
        }
        catch (Exception exception)
        {
            await DisposeAsync();
            throw new InvalidOperationException($"{start.Program} did not start.\n{process.Output}\n{process.Error}", exception);
        }
    }
}
