using System.Diagnostics;
using System.Globalization;

namespace MtlsSidecar.Demo.Messaging;

/// <summary>Mosquitto's own programs, if the machine has them.</summary>
internal static class MosquittoPrograms
{
    public const string Broker = "mosquitto";
    private const string Subscriber = "mosquitto_sub";
    private const string Publisher = "mosquitto_pub";

    /// <summary>Whether all three are here.</summary>
    public static bool AreInstalled => new[] { Broker, Subscriber, Publisher }.All(program => Find(program) is not null);

    /// <summary>Publishes a message; the broker keeps it for whoever subscribes later.</summary>
    public static Task<string> PublishAsync(Uri tunnel, string topic, string message, CancellationToken cancellationToken)
        => RunAsync(Publisher, [.. Where(tunnel, topic), "-r", "-m", message], cancellationToken);

    /// <summary>Waits for one message.</summary>
    public static Task<string> ReceiveAsync(Uri tunnel, string topic, CancellationToken cancellationToken)
        => RunAsync(Subscriber, [.. Where(tunnel, topic), "-C", "1"], cancellationToken);

    /// <summary>Starts one of the programs.</summary>
    public static Process Start(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Find(program)!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    private static string[] Where(Uri tunnel, string topic)
        => ["-h", tunnel.Host, "-p", tunnel.Port.ToString(CultureInfo.InvariantCulture), "-q", "1", "-t", topic];

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it wrote, errors included.</returns>
    private static async Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Start(program, arguments);
        try
        {
            var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            await process.WaitForExitAsync(cancellationToken);
            return string.Concat(output).Trim();
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    // Debian keeps servers in /usr/sbin, which an ordinary user's PATH does not have.
    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Append("/usr/sbin")
        .Select(directory => Path.Combine(directory, program))
        .FirstOrDefault(File.Exists);
}
