using System.Collections.Frozen;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Revocation.Ocsp;

/// <summary>Finds the issuer that a request means by the hashes of its name and key.</summary>
internal sealed class OcspIssuers(IssuerDirectory issuers)
{
    private volatile Snapshot? _current;

    private sealed record Snapshot(IssuerSet Set, FrozenDictionary<string, IssuerRecord> ByHashes);

    /// <summary>The issuer; null when it is none of ours.</summary>
    public IssuerRecord? Find(OcspCertId id)
    {
        var set = issuers.Current;
        var current = _current;
        if (current is null || !ReferenceEquals(current.Set, set))
        {
            _current = current = new Snapshot(set, Index(set));
        }

        return current.ByHashes.GetValueOrDefault(Key(id.HashAlgorithm, id.IssuerNameHash.Span, id.IssuerKeyHash.Span));
    }

    private static FrozenDictionary<string, IssuerRecord> Index(IssuerSet set)
    {
        var index = new Dictionary<string, IssuerRecord>(StringComparer.Ordinal);
        foreach (var issuer in set.Issuing)
        {
            foreach (var algorithm in new[] { PublicKeyHash.Sha1Oid, PublicKeyHash.Sha256Oid })
            {
                var name = PublicKeyHash.Compute(algorithm, issuer.Certificate.Subject.Span);
                var key = PublicKeyHash.Compute(algorithm, issuer.Certificate.Platform.PublicKey.EncodedKeyValue.RawData);
                index[Key(algorithm, name, key)] = issuer;
            }
        }

        return index.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static string Key(string algorithm, ReadOnlySpan<byte> name, ReadOnlySpan<byte> key)
        => $"{algorithm} {Convert.ToHexString(name)} {Convert.ToHexString(key)}";
}
