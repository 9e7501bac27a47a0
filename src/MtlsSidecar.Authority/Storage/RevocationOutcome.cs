namespace MtlsSidecar.Authority.Storage;

/// <summary>What came of an attempt to revoke.</summary>
internal enum RevocationOutcome
{
    /// <summary>The certificate is revoked from now on, or its hold became final.</summary>
    Revoked,

    /// <summary>The hold was taken back.</summary>
    Released,

    /// <summary>It is revoked already; nothing has changed.</summary>
    AlreadyRevoked,

    /// <summary>A hold was to be taken back where none is.</summary>
    NotOnHold,
}
