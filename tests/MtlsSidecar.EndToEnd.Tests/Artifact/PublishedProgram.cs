using System.Runtime.InteropServices;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Artifact;

/// <summary>
/// The daemon as it ships: self-contained, trimmed and compiled ahead of time. Published once for all tests of a class, by the command that
/// users are told; a clean clone needs nothing but the SDK for it.
/// </summary>
public sealed class PublishedProgram : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();

    private string Program => _directory["mtls-sidecar"];

    public async Task InitializeAsync()
    {
        // The program under test lies in artifacts/bin/PROJECT/CONFIGURATION; the repository is above.
        var root = new FileInfo(SidecarProgram.BuiltProgram("MtlsSidecar", "mtls-sidecar")).Directory!.Parent!.Parent!.Parent!.Parent!.FullName;
        var publish = new ProcessStart(
            "dotnet", "publish", Path.Combine(root, "src", "MtlsSidecar"), "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", _directory.Path, "-v", "q", "-nologo")
        {
            WorkingDirectory = root,

            // Nothing of the build may outlive the test.
            Environment = new Dictionary<string, string?>
            {
                ["MSBUILDDISABLENODEREUSE"] = "1",
                ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
                ["UseSharedCompilation"] = "false",
            },
        };
        var result = await ChildProcess.RunAsync(publish, TimeSpan.FromMinutes(8));
        result.ExitCode.Should().Be(0, result.ToString());
    }

    public Task DisposeAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Has a start of the daemon start this one instead.</summary>
    public ProcessStart Instead(ProcessStart start) => start with { Program = Program };

    /// <summary>Runs one command to its end in this directory.</summary>
    public Task<ProcessResult> RunAsync(string workingDirectory, params IReadOnlyList<string> arguments) =>
        ChildProcess.RunAsync(Instead(SidecarProgram.Start(workingDirectory, arguments)));
}
