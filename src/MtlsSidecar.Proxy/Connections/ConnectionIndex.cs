using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Proxy.Connections;

/// <summary>
/// Finds open connections by what admitted them: the certificates of the path, the trust domain, and when the verdict ends. Not for several
/// threads: the registry guards it.
/// </summary>
internal sealed class ConnectionIndex
{
    private readonly Dictionary<LiveConnection, Entry> _entries = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<CertificateId, HashSet<LiveConnection>> _byCertificate = [];
    private readonly Dictionary<DomainKey, HashSet<LiveConnection>> _byTrustDomain = [];
    private readonly SortedSet<Entry> _byEnd = new(Comparer<Entry>.Create(static (left, right) => (left.End, left.Number).CompareTo((right.End, right.Number))));
    private long _added;

    /// <summary>The certificates that admitted them: leaves and intermediates.</summary>
    public IReadOnlyCollection<CertificateId> Certificates => _byCertificate.Keys;

    /// <summary>The trust domains of their peers; null stands for peers without a SPIFFE ID.</summary>
    public IEnumerable<TrustDomain?> TrustDomains => _byTrustDomain.Keys.Select(static key => key.TrustDomain);

    /// <summary>Adds a connection.</summary>
    public void Add(LiveConnection connection) => Link(connection, _added++);

    /// <summary>Removes a connection; false when it isn't there.</summary>
    public bool Remove(LiveConnection connection)
    {
        if (!_entries.Remove(connection, out var entry))
        {
            return false;
        }

        _byEnd.Remove(entry);
        Unlink(_byTrustDomain, entry.TrustDomain, connection);
        foreach (var certificate in entry.Certificates)
        {
            Unlink(_byCertificate, certificate, connection);
        }

        return true;
    }

    /// <summary>Takes note that a connection was judged again. One that is gone meanwhile stays gone.</summary>
    public void Update(LiveConnection connection)
    {
        if (_entries.TryGetValue(connection, out var entry) && Remove(connection))
        {
            Link(connection, entry.Number);
        }
    }

    /// <summary>Those with that certificate in their path.</summary>
    public IEnumerable<LiveConnection> Of(CertificateId certificate) => _byCertificate.GetValueOrDefault(certificate) ?? [];

    /// <summary>Those whose peer is of that trust domain.</summary>
    public IEnumerable<LiveConnection> Of(TrustDomain? trustDomain) => _byTrustDomain.GetValueOrDefault(new DomainKey(trustDomain)) ?? [];

    /// <summary>Those whose verdict has ended.</summary>
    public IEnumerable<LiveConnection> Due(DateTimeOffset now) => _byEnd.TakeWhile(entry => entry.End <= now).Select(static entry => entry.Connection);

    private static void Link<TKey>(Dictionary<TKey, HashSet<LiveConnection>> index, TKey key, LiveConnection connection)
        where TKey : notnull
    {
        if (!index.TryGetValue(key, out var connections))
        {
            index.Add(key, connections = new HashSet<LiveConnection>(ReferenceEqualityComparer.Instance));
        }

        connections.Add(connection);
    }

    private static void Unlink<TKey>(Dictionary<TKey, HashSet<LiveConnection>> index, TKey key, LiveConnection connection)
        where TKey : notnull
    {
        if (index.TryGetValue(key, out var connections) && connections.Remove(connection) && connections.Count == 0)
        {
            index.Remove(key);
        }
    }

    private void Link(LiveConnection connection, long number)
    {
        var peer = connection.Peer;

        // Nobody asks for an anchor's revocation, unless it is the leaf itself.
        var path = peer.Path.Certificates;
        CertificateId[] certificates = [.. path.Take(Math.Max(1, path.Count - 1)).Select(static certificate => certificate.Id)];
        var entry = new Entry(connection, number, certificates, new DomainKey(peer.Identity.SpiffeId?.TrustDomain), connection.ReviewAt);
        _entries.Add(connection, entry);
        _byEnd.Add(entry);
        Link(_byTrustDomain, entry.TrustDomain, connection);
        foreach (var certificate in certificates)
        {
            Link(_byCertificate, certificate, connection);
        }
    }

    /// <summary>Under what a connection was filed, which is where it must be looked for when it goes.</summary>
    private sealed record Entry(LiveConnection Connection, long Number, IReadOnlyList<CertificateId> Certificates, DomainKey TrustDomain, DateTimeOffset End);

    /// <summary>A key may not be null.</summary>
    private readonly record struct DomainKey(TrustDomain? TrustDomain);
}
