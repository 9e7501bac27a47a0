using System.Diagnostics.CodeAnalysis;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Validation;

/// <summary>
/// Remembers verdicts so that the second handshake of a peer costs no signature check. The key holds everything that a verdict depends on
/// but the time, and an entry ends with the first thing it rests on.
/// </summary>
/// <remarks>
/// One verdict for each leaf and role: who presents the same leaf with ever other certificates beside it displaces its own verdict and nobody
/// else's. Only accepted peers are remembered, so to displace others takes as many valid certificates.
/// </remarks>
internal sealed class VerdictCache(int capacity)
{
    private readonly ExpiringCache<(string Leaf, CertificateUsage Usage), (Key Key, PeerValidation Verdict)> _verdicts = new(capacity);

    /// <summary>
    /// Everything but the time that a verdict depends on: the leaf, all certificates presented, the role, the state of trust and of the
    /// validators, and the issuers known besides. The expected identity is no part of it: it is compared on every use.
    /// </summary>
    internal readonly record struct Key(
        string Leaf, string Fingerprint, CertificateUsage Usage, long TrustGeneration, long ValidatorGeneration, IReadOnlyList<ParsedCertificate> KnownIssuers);

    /// <summary>Gives a verdict that still holds.</summary>
    public bool TryGet(Key key, DateTimeOffset now, [NotNullWhen(true)] out PeerValidation? verdict)
    {
        verdict = _verdicts.TryGet((key.Leaf, key.Usage), now, out var known) && known.Key == key ? known.Verdict : null;
        return verdict is not null;
    }

    /// <summary>Remembers a verdict.</summary>
    public void Add(Key key, PeerValidation verdict, DateTimeOffset validUntil) => _verdicts.Add((key.Leaf, key.Usage), (key, verdict), validUntil);
}
