using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.TestKit.Sidecar;

/// <summary>Where the built daemon lies: beside the running tests' own output, or where <c>MTLS_SIDECAR</c> says.</summary>
public static class SidecarProgram
{
    /// <summary>The environment variable that names another program to test, for example a published one.</summary>
    public const string OverrideVariable = "MTLS_SIDECAR";

    /// <summary>How to start <c>mtls-sidecar</c> with these arguments in this directory, with variables added to a clean environment.</summary>
    public static ProcessStart Start(string workingDirectory, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var variables = CleanEnvironment();
        environment?.ToList().ForEach(variable => variables[variable.Key] = variable.Value);
        return new ProcessStart(Find(), arguments) { WorkingDirectory = workingDirectory, Environment = variables };
    }

    /// <summary>Runs one command to its end, with these settings as <c>appsettings.json</c> of its working directory if there are any.</summary>
    public static async Task<ProcessResult> RunAsync(SidecarSettings? settings, params IReadOnlyList<string> arguments)
    {
        using var directory = new TestDirectory();
        if (settings is not null)
        {
            directory.Write("appsettings.json", settings.ToJson());
        }

        return await ChildProcess.RunAsync(Start(directory.Path, arguments));
    }

    private static string Find()
    {
        var named = Environment.GetEnvironmentVariable(OverrideVariable);
        return string.IsNullOrEmpty(named) ? BuiltProgram("MtlsSidecar", "mtls-sidecar") : named;
    }

    /// <summary>A program of this solution in the same configuration as the running tests.</summary>
    public static string BuiltProgram(string project, string program)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var path = Path.Combine(own.Parent!.Parent!.FullName, project, own.Name, program);
        return File.Exists(path) ? path : throw new FileNotFoundException($"Build the project {project} first.", path);
    }

    // What the test runner or a developer's shell sets must neither open listeners nor change the configuration under test.
    private static Dictionary<string, string?> CleanEnvironment() =>
        Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(name => name.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || name.StartsWith("Sidecar__", StringComparison.OrdinalIgnoreCase)
                || name.StartsWith("OTEL_", StringComparison.Ordinal) || name.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(name => name, _ => (string?)null);
}
