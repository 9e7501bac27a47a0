using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.TestKit.Sidecar;

/// <summary>Where the built daemon lies: beside the running tests' own output, or where <c>MTLS_SIDECAR</c> says.</summary>
public static class SidecarProgram
{
    /// <summary>The environment variable that names another program to test, for example a published one.</summary>
    public const string OverrideVariable = "MTLS_SIDECAR";

    /// <summary>How to start <c>mtls-sidecar</c> with these arguments in this directory.</summary>
    public static ProcessStart Start(string workingDirectory, params IReadOnlyList<string> arguments) =>
        new(Find(), arguments) { WorkingDirectory = workingDirectory, Environment = CleanEnvironment() };

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
