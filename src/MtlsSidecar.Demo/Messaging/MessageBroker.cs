using System.Diagnostics;

namespace MtlsSidecar.Demo.Messaging;

/// <summary>
/// A real Mosquitto (MQTT) beside the sidecar of <c>orders</c>, on a Unix socket: nobody reaches it but through that sidecar's tunnel.
/// </summary>
internal sealed class MessageBroker : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _reading;
    private readonly string _socket;

    private MessageBroker(Process process, string socket)
    {
        (_process, _socket) = (process, socket);
        _reading = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>Where it listens, or would.</summary>
    public static string SocketIn(string directory) => Path.Combine(directory, "mqtt.sock");

    /// <summary>Starts it; null when it or its clients are not installed.</summary>
    public static async Task<MessageBroker?> TryStartAsync(string directory, CancellationToken cancellationToken)
    {
        if (!MosquittoPrograms.AreInstalled)
        {
            return null;
        }

        var (socket, file) = (SocketIn(directory), Path.Combine(directory, "mosquitto.conf"));

        // Started by root it would become another user, who may not enter the demo's directory.
        var user = Environment.IsPrivilegedProcess ? "user root\n" : "";
        await File.WriteAllTextAsync(file, $"listener 0 {socket}\nallow_anonymous true\npersistence false\n{user}", cancellationToken);
        return new MessageBroker(MosquittoPrograms.Start(MosquittoPrograms.Broker, "-c", file), socket);
    }

    /// <summary>Waits until it listens, or has ended.</summary>
    /// <exception cref="TimeoutException">Neither happened.</exception>
    public Task BecomeReadyAsync(CancellationToken cancellationToken)
        => Patience.UntilAsync("the broker's socket", () => _process.HasExited || Path.Exists(_socket), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        await _reading;
        _process.Dispose();
    }
}
