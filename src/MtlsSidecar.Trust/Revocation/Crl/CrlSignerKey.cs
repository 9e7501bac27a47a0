using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Signatures;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>A key that may have signed a CRL.</summary>
/// <param name="Info">The <c>SubjectPublicKeyInfo</c>, by which the key is remembered.</param>
/// <param name="Key">The key, ready to verify.</param>
/// <param name="IsInherited">Whether part of it stands in another certificate: then <paramref name="Info"/> alone doesn't identify it.</param>
internal sealed record CrlSignerKey(ReadOnlyMemory<byte> Info, SubjectKey Key, bool IsInherited)
{
    /// <summary>The key of a certificate in a path; null when it is none that we use.</summary>
    /// <param name="path">Leaf first, anchor last.</param>
    /// <param name="index">Which certificate.</param>
    public static CrlSignerKey? Of(IReadOnlyList<ParsedCertificate> path, int index)
    {
        var info = path[index].SubjectPublicKeyInfo;
        if (path[index].Content.Key is not { InheritsParameters: true } inheriting)
        {
            return path[index].Content.Key is { } key ? new CrlSignerKey(info, key, IsInherited: false) : null;
        }

        // DSA parameters may stand in the issuer's key (RFC 5280 §6.1.4(e)).
        return index + 1 < path.Count && Of(path, index + 1)?.Key.DsaParameters is { } parameters && inheriting.TryInherit(parameters) is { } complete
            ? new CrlSignerKey(info, complete, IsInherited: true)
            : null;
    }
}
