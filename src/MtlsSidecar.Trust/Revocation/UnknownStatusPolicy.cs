namespace MtlsSidecar.Trust.Revocation;

/// <summary>What follows from <see cref="RevocationStatus.Unknown"/>.</summary>
public enum UnknownStatusPolicy
{
    /// <summary>The peer is refused: a lost CRL must not silently turn revocation off. The default and the safe value.</summary>
    Reject,

    /// <summary>The peer is accepted.</summary>
    Accept,
}
