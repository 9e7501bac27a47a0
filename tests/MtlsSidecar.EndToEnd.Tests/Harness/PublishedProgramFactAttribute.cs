using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Harness;

/// <summary>A test of what only the published program promises; skipped where the built one is tested.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PublishedProgramFactAttribute : FactAttribute
{
    public PublishedProgramFactAttribute()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(SidecarProgram.OverrideVariable)))
        {
            Skip = $"the built program is tested; tests/run publishes one, or {SidecarProgram.OverrideVariable} names it";
        }
    }
}
