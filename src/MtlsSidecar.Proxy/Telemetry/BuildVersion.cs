using System.Reflection;

namespace MtlsSidecar.Proxy.Telemetry;

/// <summary>The version of this build.</summary>
internal static class BuildVersion
{
    /// <summary>As <c>1.2.3</c>, without the commit.</summary>
    public static string Text { get; } =
        typeof(BuildVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
