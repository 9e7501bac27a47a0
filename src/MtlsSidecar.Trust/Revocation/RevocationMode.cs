namespace MtlsSidecar.Trust.Revocation;

/// <summary>Which certificates of a path are checked for revocation.</summary>
public enum RevocationMode
{
    /// <summary>All but the trust anchor. The default.</summary>
    Chain,

    /// <summary>Only the peer's own.</summary>
    Leaf,

    /// <summary>None.</summary>
    Off,
}
