using MtlsSidecar.TestKit.Files;

namespace MtlsSidecar.EndToEnd.Tests.Harness;

/// <summary>A test in which a process sees a hosts file of its own; skipped where the machine grants no mount namespace.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OwnHostsFactAttribute : FactAttribute
{
    public OwnHostsFactAttribute()
    {
        if (!HostsFile.IsPossible)
        {
            Skip = "unshare -m is not permitted here, so no process can have a hosts file of its own";
        }
    }
}
