using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace MtlsSidecar.Trust.Validation;

/// <summary>
/// Remembers verdicts so that the second handshake of a peer costs no signature check. The key holds everything that a verdict depends on
/// but the time, and an entry ends with the first thing it rests on.
/// </summary>
internal sealed class VerdictCache(int capacity)
{
    private readonly ConcurrentDictionary<Key, Entry> _entries = new();

    /// <summary>Everything but the time that a verdict depends on. The expected identity is no part of it: it is compared on every use.</summary>
    internal readonly record struct Key(string Fingerprint, CertificateUsage Usage, long TrustGeneration, long ValidatorGeneration);

    private sealed record Entry(PeerValidation Verdict, DateTimeOffset ValidUntil);

    /// <summary>Gives a verdict that still holds.</summary>
    public bool TryGet(Key key, DateTimeOffset now, [NotNullWhen(true)] out PeerValidation? verdict)
    {
        verdict = _entries.TryGetValue(key, out var entry) && now < entry.ValidUntil ? entry.Verdict : null;
        return verdict is not null;
    }

    /// <summary>
    /// Remembers a verdict. When full, everything is forgotten at once: hostile peers can make the cache useless that way, but never make
    /// it grow, and a peer with a cheap invalid certificate is never remembered at all.
    /// </summary>
    public void Add(Key key, PeerValidation verdict, DateTimeOffset validUntil)
    {
        if (_entries.Count >= capacity)
        {
            _entries.Clear();
        }

        _entries[key] = new Entry(verdict, validUntil);
    }
}
