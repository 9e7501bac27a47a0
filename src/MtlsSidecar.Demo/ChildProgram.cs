using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace MtlsSidecar.Demo;

/// <summary>The built programs and how to start them. The build writes into this assembly where they lie.</summary>
internal static class ChildProgram
{
    /// <summary>The daemon.</summary>
    public const string Sidecar = "mtls-sidecar";

    /// <summary>The certification authority.</summary>
    public const string Authority = "mtls-authority";

    /// <summary>How to start a program in a directory.</summary>
    public static ProcessStartInfo StartIn(string directory, string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(DotnetHost(), [FindProgram(program), .. arguments])
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

    private static string FindProgram(string program) => typeof(ChildProgram).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == program).Value!;

    /// <summary>The host that runs this very program: the PATH may have another, or none.</summary>
    private static string DotnetHost()
        => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    /// <summary>Variables by which the shell of whoever tries the demo would change the settings of its programs.</summary>
    private static bool IsSetting(string variable)
        => variable.StartsWith("Sidecar__", StringComparison.OrdinalIgnoreCase)
        || variable.StartsWith("Serilog__", StringComparison.OrdinalIgnoreCase)
        || variable.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase);
}
