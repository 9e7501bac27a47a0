using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Validation;

/// <summary>
/// Intermediates of accepted paths, already read: the peers of a mesh present the same few, and to read one costs the platform 100 µs.
/// Only the reading is spared. A known intermediate is judged like any other, and only where it was presented.
/// </summary>
internal sealed class KnownIntermediates
{
    /// <summary>More than the authorities of any mesh. Only accepted paths add to it; when full, all are forgotten and read again.</summary>
    private const int Capacity = 256;

    private readonly ConcurrentDictionary<ReadOnlyMemory<byte>, ParsedCertificate> _byContent = new(ContentComparer.Instance);

    /// <summary>Finds a certificate by its DER.</summary>
    public bool TryFind(ReadOnlyMemory<byte> rawData, [NotNullWhen(true)] out ParsedCertificate? certificate)
        => _byContent.TryGetValue(rawData, out certificate);

    /// <summary>Keeps the intermediates of an accepted path.</summary>
    public void Remember(CertificationPath path)
    {
        for (var i = 1; i < path.Certificates.Count - 1; i++)
        {
            if (_byContent.Count >= Capacity)
            {
                _byContent.Clear();
            }

            _byContent.TryAdd(path.Certificates[i].RawData, path.Certificates[i]);
        }
    }

    private sealed class ContentComparer : IEqualityComparer<ReadOnlyMemory<byte>>
    {
        public static readonly ContentComparer Instance = new();

        public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

        /// <summary>A certificate ends in its signature. That a peer could choose it matters not: what it chooses is compared, never kept.</summary>
        public int GetHashCode(ReadOnlyMemory<byte> rawData)
        {
            var hash = default(HashCode);
            hash.AddBytes(rawData.Span[^Math.Min(rawData.Length, 16)..]);
            return hash.ToHashCode();
        }
    }
}
