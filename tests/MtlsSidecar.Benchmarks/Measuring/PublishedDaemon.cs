using System.Diagnostics;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.Benchmarks.Measuring;

/// <summary>The daemon as it ships: published for Release with code compiled ahead of time, so that start and warm-up are measured as users see them.</summary>
internal static class PublishedDaemon
{
    /// <summary>What every measured sidecar runs with: one line a request is no part of the comparison, and the others don't write it either.</summary>
    public static IReadOnlyDictionary<string, string?> Environment { get; } = new Dictionary<string, string?> { ["Serilog__MinimumLevel__Default"] = "Warning" };

    /// <summary>
    /// Publishes into the directory, and has the test kit start that program from now on. A program that <c>MTLS_SIDECAR</c> names is taken instead.
    /// </summary>
    public static async Task UseAsync(string directory)
    {
        if (!string.IsNullOrEmpty(System.Environment.GetEnvironmentVariable(SidecarProgram.OverrideVariable)))
        {
            return;
        }

        var project = Path.Combine(Root(), "src", "MtlsSidecar");
        var watch = Stopwatch.StartNew();
        var result = await ChildProcess.RunAsync(
            new ProcessStart("dotnet", "publish", project, "-c", "Release", "-r", "linux-x64", "-o", directory, "-v", "q", "-nologo"),
            TimeSpan.FromMinutes(5));
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"The daemon could not be published.\n{result}");
        }

        await Console.Error.WriteLineAsync($"published in {watch.Elapsed.TotalSeconds:0} s");
        System.Environment.SetEnvironmentVariable(SidecarProgram.OverrideVariable, Path.Combine(directory, "mtls-sidecar"));
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "MtlsSidecar.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new DirectoryNotFoundException("MtlsSidecar.sln is nowhere above the program.");
    }
}
