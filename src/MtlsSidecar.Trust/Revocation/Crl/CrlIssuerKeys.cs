using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Extensions;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// The keys of authorities on paths that held, by the authority's name: a CRL that is loaded later can be verified at once, and one that none
/// of them signed concerns nobody yet.
/// </summary>
internal sealed class CrlIssuerKeys
{
    // Authorities that a process meets. Whoever makes more than these only makes us forget, and what is forgotten is noted again when asked for.
    private const int MaxCertificates = 4096;
    private readonly Lock _gate = new();
    private readonly HashSet<string> _certificates = [];
    private readonly Dictionary<DistinguishedName, List<ReadOnlyMemory<byte>>> _keys = [];

    /// <summary>Notes the authorities above the certificate in question.</summary>
    public void Note(RevocationQuestion question)
    {
        var path = question.Path.Certificates;
        for (var index = question.Index + 1; index < path.Count; index++)
        {
            Note(path[index]);
        }
    }

    /// <summary>The keys of the authorities with a name.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Of(DistinguishedName issuer)
    {
        lock (_gate)
        {
            return _keys.TryGetValue(issuer, out var keys) ? [.. keys] : [];
        }
    }

    private void Note(ParsedCertificate authority)
    {
        lock (_gate)
        {
            if (_certificates.Contains(authority.Fingerprint))
            {
                return;
            }

            if (_certificates.Count >= MaxCertificates)
            {
                _certificates.Clear();
                _keys.Clear();
            }

            _certificates.Add(authority.Fingerprint);
            if (!MaySignCrls(authority))
            {
                return;
            }

            if (!_keys.TryGetValue(authority.SubjectName, out var keys))
            {
                _keys.Add(authority.SubjectName, keys = []);
            }

            if (!keys.Exists(key => key.Span.SequenceEqual(authority.SubjectPublicKeyInfo.Span)))
            {
                keys.Add(authority.SubjectPublicKeyInfo.ToArray());
            }
        }
    }

    /// <summary>A key with inherited parameters doesn't stand in the certificate alone, so it can't be remembered by it.</summary>
    private static bool MaySignCrls(ParsedCertificate authority)
    {
        try
        {
            return (authority.KeyUsage ?? KeyUsages.CrlSign).HasFlag(KeyUsages.CrlSign) && authority.Content.Key is { InheritsParameters: false };
        }
        catch (AsnContentException)
        {
            return false;
        }
    }
}
