using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace MtlsSidecar.Demo.Sidecars;

/// <summary>The built daemon and how to start it. The build writes into this assembly where the daemon lies.</summary>
internal static class SidecarProgram
{
    private const string Name = "mtls-sidecar";

    /// <summary>Starts the daemon with the <c>appsettings.json</c> of a directory.</summary>
    public static ProcessStartInfo StartIn(string directory)
    {
        var start = new ProcessStartInfo(DotnetHost(), [FindProgram(), "run"])
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var variable in start.Environment.Keys.Where(IsSetting).ToList())
        {
            start.Environment.Remove(variable);
        }

        return start;
    }

    private static string FindProgram() => typeof(SidecarProgram).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == Name).Value!;

    /// <summary>The host that runs this very program: the PATH may have another, or none.</summary>
    private static string DotnetHost()
        => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    /// <summary>Variables by which the shell of whoever tries the demo would change the settings of its sidecars.</summary>
    private static bool IsSetting(string variable)
        => variable.StartsWith("Sidecar__", StringComparison.OrdinalIgnoreCase)
        || variable.StartsWith("Serilog__", StringComparison.OrdinalIgnoreCase)
        || variable.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase);
}
