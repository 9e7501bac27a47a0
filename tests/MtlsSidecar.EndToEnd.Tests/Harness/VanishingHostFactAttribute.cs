using MtlsSidecar.TestKit.Networking;

namespace MtlsSidecar.EndToEnd.Tests.Harness;

/// <summary>A test that lets a host vanish and waits for minutes until that is noticed; run where it is asked for and the machine can do it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class VanishingHostFactAttribute : FactAttribute
{
    public VanishingHostFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("MTLS_SIDECAR_SLOW_TESTS") is null or "")
        {
            Skip = "takes four minutes; MTLS_SIDECAR_SLOW_TESTS=1 runs it";
        }
        else if (!OtherHost.IsPossible)
        {
            Skip = "needs root and ip(8), to make a host that vanishes";
        }
    }
}
