using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.Benchmarks.Pairs;

/// <summary>Starts HAProxy with one thread, connections kept on both sides, and no log.</summary>
internal static class HaProxyProcess
{
    /// <summary>Starts it and waits until it listens on the port.</summary>
    public static async Task<ChildProcess> StartAsync(TestDirectory directory, int port, string sections, int maxConnections = 1000)
    {
        var file = directory.Write($"haproxy-{port}.cfg", $"""
            global
                maxconn {maxConnections}
                nbthread 1
            defaults
                mode http
                http-reuse always
                timeout connect 5s
                timeout client 60s
                timeout server 60s
            {sections}

            """);
        var process = ChildProcess.Start(new ProcessStart("haproxy", "-db", "-f", file) { Input = "" });
        await TcpProbe.WaitUntilListeningAsync(port);
        return process;
    }
}
