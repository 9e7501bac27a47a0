namespace MtlsSidecar.Proxy.Configuration;

/// <summary>Where the workload's own certificate and key come from.</summary>
public enum IdentitySource
{
    /// <summary>PEM files which something else rotates. The default.</summary>
    File,

    /// <summary>Enrolled and renewed at a certification authority over EST (RFC 7030).</summary>
    Est,
}
