namespace MtlsSidecar.Proxy.Configuration;

/// <summary><c>Sidecar:Unsafe</c>: choices that weaken the sidecar, each warned of at start. A change needs a restart.</summary>
public sealed class UnsafeOptions
{
    /// <summary>
    /// Lets addresses of the cleartext side be other than loopback: whoever reaches them acts as the local application. Default and safe
    /// value false.
    /// </summary>
    public bool AllowNonLoopback { get; init; }
}
