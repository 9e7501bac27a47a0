using System.Globalization;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.TestKit.Brokers;

/// <summary>A real Redis and its own client.</summary>
public static class Redis
{
    public static async Task<LocalServer> StartAsync()
    {
        var directory = new TestDirectory();
        var server = new LocalServer(directory, FreePorts.Next());
        await server.RunAsync(
            new ProcessStart("redis-server", "--bind", "127.0.0.1", "--port", Text(server.Port), "--dir", directory.Path, "--save", "", "--appendonly", "no"), server.Port);
        return server;
    }

    /// <summary>How to call <c>redis-cli</c> at a port.</summary>
    public static ProcessStart Client(int port, params IEnumerable<string> arguments) => new("redis-cli", ["-h", "127.0.0.1", "-p", Text(port), .. arguments]);

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
