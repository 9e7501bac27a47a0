using System.Globalization;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.TestKit.Brokers;

/// <summary>A real PostgreSQL and <c>psql</c>. It refuses to run as root, so root runs it as the user that Debian's package made.</summary>
public static class PostgreSql
{
    public static async Task<LocalServer> StartAsync()
    {
        var directory = new TestDirectory();
        var data = directory["data"];
        if (Environment.IsPrivilegedProcess)
        {
            await CheckedAsync(new ProcessStart("chown", "postgres", directory.Path));
        }

        await CheckedAsync(AsUser(Program("initdb"), "-D", data, "-U", "test", "-A", "trust", "--no-sync", "-E", "UTF8", "--no-locale"));
        var server = new LocalServer(directory, FreePorts.Next());
        await server.RunAsync(
            AsUser(
                Program("postgres"), "-D", data, "-p", server.Port.ToString(CultureInfo.InvariantCulture), "-c", "listen_addresses=127.0.0.1", "-c", $"unix_socket_directories={directory.Path}", "-c", "fsync=off"),
            server.Port);
        return server;
    }

    /// <summary>How to run SQL by <c>psql</c> at a port; the text goes to its standard input, which stays open for the test if there is none.</summary>
    public static ProcessStart Client(int port, string? sql, params IEnumerable<string> arguments)
        => new("psql", [$"postgresql://test@127.0.0.1:{port}/postgres?sslmode=disable", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", .. arguments]) { Input = sql };

    private static ProcessStart AsUser(string program, params IEnumerable<string> arguments) => Environment.IsPrivilegedProcess
        ? new ProcessStart("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", program, .. arguments]) { WorkingDirectory = "/" }
        : new ProcessStart(program, [.. arguments]);

    /// <summary>Debian keeps the programs of each version in a directory of its own.</summary>
    private static string Program(string name)
        => Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin", name)).FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException($"{name} of PostgreSQL is not installed.");

    private static async Task CheckedAsync(ProcessStart start)
    {
        var result = await ChildProcess.RunAsync(start);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"{start.Program} failed.\n{result.Output}\n{result.Error}");
        }
    }
}
