using System.Net;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>A connection between its acceptance and the verdict on its peer: what was presented, and how it ended.</summary>
/// <param name="startedAt">When the connection was accepted, as a <see cref="TimeProvider"/> time stamp.</param>
/// <param name="drop">Breaks the connection, because others need the room.</param>
internal sealed class PendingHandshake(long startedAt, Action drop)
{
    private PresentedChain? _presented;

    /// <summary>When the connection was accepted, as a <see cref="TimeProvider"/> time stamp.</summary>
    public long StartedAt { get; } = startedAt;

    /// <summary>With what we answered; null until the TLS handshake got that far.</summary>
    public X509Svid? Own { get; set; }

    /// <summary>What the peer presented; null until the TLS handshake got that far, and again once the peer is admitted.</summary>
    public PresentedChain? Presented
    {
        get => _presented;
        set
        {
            _presented = value;
            HasPresented |= value is not null;
        }
    }

    /// <summary>Whether the TLS handshake got as far as a certificate.</summary>
    public bool HasPresented { get; private set; }

    /// <summary>Whether the peer finished its part of the handshake without a certificate.</summary>
    public bool IsWithoutCertificate { get; set; }

    /// <summary>Whether the outcome has been logged and counted, accepted or refused.</summary>
    public bool IsConcluded { get; set; }

    /// <summary>Whether it counts as a connection of a validated peer.</summary>
    public bool IsAdmitted { get; set; }

    /// <summary>Its place among all handshakes; null outside of <see cref="HandshakeQuota"/>, which alone sets it.</summary>
    public LinkedListNode<PendingHandshake>? InOrder { get; set; }

    /// <summary>The address that it counts for.</summary>
    public IPAddress? Address { get; set; }

    /// <summary>Its place among the handshakes of that address.</summary>
    public LinkedListNode<PendingHandshake>? OfItsAddress { get; set; }

    /// <summary>Breaks the connection, because others need the room.</summary>
    public void Drop() => drop();
}
