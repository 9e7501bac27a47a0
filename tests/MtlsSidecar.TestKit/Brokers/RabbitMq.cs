using System.Globalization;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.TestKit.Brokers;

/// <summary>A real RabbitMQ with its STOMP plugin. Erlang's port mapper is started here too, or the broker would leave one behind.</summary>
public static class RabbitMq
{
    private const string Scripts = "/usr/lib/rabbitmq/bin";

    /// <summary>Starts it; gives the broker, whose port speaks AMQP, and the port that speaks STOMP.</summary>
    /// <param name="expectsProxyHeader">Whether connections must begin with a PROXY header.</param>
    public static async Task<(LocalServer Server, int Stomp)> StartAsync(bool expectsProxyHeader = false)
    {
        var directory = new TestDirectory();
        var server = new LocalServer(directory, FreePorts.Next());
        var (stomp, mapper) = (FreePorts.Next(), FreePorts.Next());
        server.Environment = new Dictionary<string, string?>
        {
            ["HOME"] = directory.Path,
            ["ERL_EPMD_PORT"] = Text(mapper),
            ["RABBITMQ_NODENAME"] = $"test{server.Port}@localhost",
            ["RABBITMQ_DIST_PORT"] = Text(FreePorts.Next()),
            ["RABBITMQ_MNESIA_BASE"] = directory.CreateDirectory("data"),
            ["RABBITMQ_LOG_BASE"] = directory.CreateDirectory("log"),
            ["RABBITMQ_CONFIG_FILE"] = directory.Write("rabbitmq.conf", $"""
                listeners.tcp.1 = 127.0.0.1:{server.Port}
                stomp.listeners.tcp.1 = 127.0.0.1:{stomp}
                proxy_protocol = {(expectsProxyHeader ? "true" : "false")}

                """),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = directory.Write("enabled_plugins", "[rabbitmq_stomp].\n"),
            ["RABBITMQ_LOGS"] = "-",

            // Becomes the Erlang machine itself instead of a shell that waits for it: what is killed is the broker.
            ["RUNNING_UNDER_SYSTEMD"] = "true",
        };
        await server.RunAsync(new ProcessStart("epmd", "-address", "127.0.0.1", "-port", Text(mapper), "-relaxed_command_check"), mapper);
        await server.RunAsync(
            new ProcessStart($"{Scripts}/rabbitmq-server") { WorkingDirectory = directory.Path, Environment = server.Environment }, stomp);
        return (server, stomp);
    }

    /// <summary>What the broker knows of its connections: host and port of the other end, a line each.</summary>
    public static async Task<string> ConnectionsAsync(LocalServer server)
    {
        var result = await ChildProcess.RunAsync(new ProcessStart($"{Scripts}/rabbitmqctl", "-q", "--no-table-headers", "list_connections", "peer_host", "peer_port")
        {
            Environment = server.Environment,
        });
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"rabbitmqctl failed.\n{result.Output}\n{result.Error}");
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
