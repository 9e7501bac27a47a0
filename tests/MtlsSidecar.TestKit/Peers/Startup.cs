using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.TestKit.Peers;

/// <summary>Waits for a server to listen, and says what it wrote if it gave up.</summary>
internal static class Startup
{
    public static async Task WaitAsync(ChildProcess process, int port)
    {
        try
        {
            await Eventually.HoldsAsync(
                async () => process.HasExited ? throw new InvalidOperationException("It ended.") : await TcpProbe.IsListeningAsync(port),
                $"a listener on port {port}");
        }
        catch (Exception exception)
        {
            await process.DisposeAsync();
            throw new InvalidOperationException($"The server did not start.\n{process.Output}\n{process.Error}", exception);
        }
    }
}
