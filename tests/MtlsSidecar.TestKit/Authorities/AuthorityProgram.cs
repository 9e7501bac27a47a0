using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.TestKit.Authorities;

/// <summary>A data directory in a directory of its own, and the built program run on it as an operator would.</summary>
public sealed class AuthorityProgram : IDisposable
{
    private readonly TestDirectory _directory = new();

    public string WorkingDirectory => _directory.Path;

    public string Data => _directory["authority"];

    public string Bundle => this["authority/ca.crt"];

    /// <summary>What the program finds in its environment beside what the tests' own has; null takes something out.</summary>
    public IDictionary<string, string?> Environment { get; } = new Dictionary<string, string?> { ["ASPNETCORE_URLS"] = null };

    public string this[string relativePath] => _directory[relativePath];

    public static async Task<AuthorityProgram> InitAsync(params IReadOnlyList<string> arguments)
    {
        var program = new AuthorityProgram();
        await program.RunWellAsync(["init", .. arguments]);
        return program;
    }

    public ProcessStart Start(params IReadOnlyList<string> arguments)
        => new(SidecarProgram.BuiltProgram("MtlsSidecar.Authority", "mtls-authority"), arguments)
        {
            WorkingDirectory = WorkingDirectory,
            Environment = new Dictionary<string, string?>(Environment),
        };

    /// <summary>Runs one command to its end.</summary>
    public Task<ProcessResult> RunAsync(params IReadOnlyList<string> arguments) => ChildProcess.RunAsync(Start(arguments));

    /// <summary>Runs a command that must succeed and gives what it printed.</summary>
    public async Task<string> RunWellAsync(params IReadOnlyList<string> arguments)
    {
        var result = await RunAsync(arguments);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"mtls-authority {string.Join(' ', arguments)} failed.\n{result}");
    }

    public async Task<IReadOnlyList<ListedCertificate>> ListAsync()
        => [.. (await RunWellAsync("list", "--json")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ListedCertificate.Parse)];

    public string Write(string relativePath, string text) => _directory.Write(relativePath, text);

    public string Write(string relativePath, byte[] bytes) => _directory.Write(relativePath, bytes);

    /// <summary>Issues a workload's certificate into a directory and gives the PEM file and serial number.</summary>
    public async Task<IssuedFiles> IssueAsync(string name = "web", params IReadOnlyList<string> arguments)
    {
        await RunWellAsync(["issue", "--id", $"spiffe://foo.test/ns/default/sa/{name}", "--out", this[name], .. arguments]);
        var newest = (await ListAsync())[0];
        return new IssuedFiles(this[$"{name}/tls.crt"], this[$"{name}/tls.key"], newest.Serial);
    }

    public void Dispose() => _directory.Dispose();
}
