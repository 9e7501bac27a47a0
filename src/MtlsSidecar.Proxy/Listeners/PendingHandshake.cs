using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>A connection between its acceptance and the verdict on its peer: what was presented, and how it ended.</summary>
internal sealed class PendingHandshake(long startedAt)
{
    /// <summary>When the connection was accepted, as a <see cref="TimeProvider"/> time stamp.</summary>
    public long StartedAt { get; } = startedAt;

    /// <summary>What the peer presented; null until the TLS handshake got that far.</summary>
    public PresentedChain? Presented { get; set; }

    /// <summary>Whether the peer finished its part of the handshake without a certificate.</summary>
    public bool IsWithoutCertificate { get; set; }

    /// <summary>Whether the outcome has been logged and counted, accepted or refused.</summary>
    public bool IsConcluded { get; set; }
}
