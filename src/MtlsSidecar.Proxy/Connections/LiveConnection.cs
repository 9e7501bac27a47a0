using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Connections;

/// <summary>
/// A mutual TLS connection that is open now, and the means to close it. Knows its peer and what was expected of it, so that it can be
/// judged again whenever trust, revocation or expectation changes.
/// </summary>
internal sealed class LiveConnection
{
    private readonly Action _requestClose;
    private readonly Action _abort;
    private int _closing;
    private ValidatedPeer _peer;
    private PeerExpectation _expectation;
    private long _reviewAt;
    private long _judgement;

    /// <param name="direction">Who opened it.</param>
    /// <param name="listener">The listener, upstream or tunnel that it belongs to, by name.</param>
    /// <param name="remote">The peer's address.</param>
    /// <param name="admission">The validated peer and what it was validated against.</param>
    /// <param name="closing">How to close it: ask first (GOAWAY, <c>Connection: close</c>), then cut.</param>
    public LiveConnection(
        ConnectionDirection direction,
        string listener,
        string? remote,
        (ValidatedPeer Peer, PeerExpectation Expectation) admission,
        (Action Request, Action Abort) closing)
    {
        Direction = direction;
        Listener = listener;
        Remote = remote;
        (_peer, _expectation) = admission;
        (_requestClose, _abort) = closing;
        _reviewAt = _peer.ValidUntil.UtcTicks;
    }

    /// <summary>Who opened it.</summary>
    public ConnectionDirection Direction { get; }

    /// <summary>The listener, upstream or tunnel that it belongs to.</summary>
    public string Listener { get; }

    /// <summary>The peer's address.</summary>
    public string? Remote { get; }

    /// <summary>Whether it is HTTP/2, which can be asked to close without losing the request that just arrives.</summary>
    public bool IsMultiplexed { get; init; }

    /// <summary>Whether it is a tunnel's; otherwise it is HTTP.</summary>
    public bool IsTunnel { get; init; }

    /// <summary>Our own certificate at its handshake; null where nobody asks for it.</summary>
    public X509Svid? Own { get; init; }

    /// <summary>When it was admitted.</summary>
    public DateTimeOffset OpenedAt { get; init; }

    /// <summary>What the configuration of this moment expects of the peer; null where a reload can't change it.</summary>
    public Func<PeerExpectation>? Configured { get; init; }

    /// <summary>The peer, as validated last.</summary>
    public ValidatedPeer Peer => Volatile.Read(ref _peer);

    /// <summary>What is expected of the peer.</summary>
    public PeerExpectation Expectation => Volatile.Read(ref _expectation);

    /// <summary>When it must be judged again though nothing has changed: something that the verdict rests on ends.</summary>
    public DateTimeOffset ReviewAt => new(Volatile.Read(ref _reviewAt), TimeSpan.Zero);

    /// <summary>Requests of this connection that are being answered; judged again when the authorization policy changes.</summary>
    public ActiveRequests Requests { get; } = new();

    /// <summary>Set from the moment the peer is no longer acceptable: no new request of this connection may be forwarded.</summary>
    public bool IsClosing => Volatile.Read(ref _closing) != 0;

    /// <summary>
    /// Takes note that the peer was judged again and accepted; false when a later judgement has been noted already. Only for the registry,
    /// which files the connection anew.
    /// </summary>
    public bool TryRenew(ValidatedPeer peer, long judgement, DateTimeOffset reviewAt)
    {
        if (judgement <= _judgement)
        {
            return false;
        }

        _judgement = judgement;
        Volatile.Write(ref _peer, peer);
        Postpone(reviewAt);
        return true;
    }

    /// <summary>Sets when the peer is judged again; the certificate's end is never missed. Only for the registry.</summary>
    public void Postpone(DateTimeOffset reviewAt)
        => Volatile.Write(ref _reviewAt, (Peer.Path.NotAfter < reviewAt ? Peer.Path.NotAfter : reviewAt).UtcTicks);

    /// <summary>Replaces what is expected of the peer, after a reload.</summary>
    public void Expect(PeerExpectation expectation) => Volatile.Write(ref _expectation, expectation);

    /// <summary>Takes over what the configuration of this moment expects of the peer, after a reload.</summary>
    public void RenewExpectation()
    {
        if (Configured is { } configured)
        {
            Expect(configured());
        }
    }

    /// <summary>Asks the other end to finish; requests that still arrive are served.</summary>
    public void RequestClose() => _requestClose();

    /// <summary>Marks the connection as closing: nothing new is forwarded. False when that had been done before.</summary>
    public bool TryBeginClosing() => Interlocked.Exchange(ref _closing, 1) == 0;

    /// <summary>Cuts the connection, whatever is in flight.</summary>
    public void Abort() => _abort();
}
