using System.Globalization;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.TestKit.Brokers;

/// <summary>A real Mosquitto (MQTT) and its own clients.</summary>
public static class Mosquitto
{
    public static async Task<LocalServer> StartAsync()
    {
        var directory = new TestDirectory();
        var server = new LocalServer(directory, FreePorts.Next());
        var user = Environment.IsPrivilegedProcess ? "user root\n" : "";
        var file = directory.Write("mosquitto.conf", $"listener {server.Port} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_queued_messages 0\n{user}");
        await server.RunAsync(new ProcessStart("mosquitto", "-c", file), server.Port);
        return server;
    }

    /// <summary>How to subscribe at a port until this many messages have come; its output comes line by line, SUBACK included.</summary>
    public static ProcessStart Subscribe(int port, string topic, int count)
        => new("stdbuf", "-oL", "mosquitto_sub", "-h", "127.0.0.1", "-p", Text(port), "-t", topic, "-q", "1", "-C", Text(count), "-d");

    /// <summary>How to publish each line of the input at a port.</summary>
    public static ProcessStart Publish(int port, string topic)
        => new("mosquitto_pub", "-h", "127.0.0.1", "-p", Text(port), "-t", topic, "-q", "1", "-l");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
