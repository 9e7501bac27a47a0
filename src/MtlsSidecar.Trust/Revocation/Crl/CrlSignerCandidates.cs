using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// The certificates that may belong to the signer of a CRL, and which of them have a path of their own. Kept for one question and for those
/// about its foreign signers in turn, so that each certificate is searched a path for once, however many CRLs it may have signed.
/// </summary>
/// <param name="question">The question that the others come from.</param>
/// <param name="options">Which CRLs count.</param>
internal sealed class CrlSignerCandidates(RevocationQuestion question, CrlOptions options)
{
    // A hostile peer may make dozens of certificates that carry its issuer's name and a key that really signed a CRL: keys are public. The
    // CRL's signature then holds under each, and only a failing search of some milliseconds tells it from a genuine one. Honest peers and
    // operators know a few without a path at most: expired ones, and cross-certificates of other anchors.
    private const int MaxFailedSearches = 8;
    private readonly Dictionary<ParsedCertificate, CertificationPath?> _paths = [];
    private List<ParsedCertificate>? _all;
    private int _failedSearches;

    /// <summary>Whether a path was not searched because there had been too many: what is known may then be incomplete.</summary>
    public bool IsExhausted { get; private set; }

    /// <summary>Those of the path, and after them those known or presented beside it. Each is one object for good.</summary>
    public IReadOnlyList<ParsedCertificate> All => _all ??= ReadAll(question);

    /// <summary>A path of the certificate's own to the question's anchor; null when there is none, or when it was not searched any more.</summary>
    public CertificationPath? FindPath(ParsedCertificate signer)
    {
        if (_paths.TryGetValue(signer, out var path))
        {
            return path;
        }

        if (_failedSearches >= MaxFailedSearches)
        {
            IsExhausted = true;
            return null;
        }

        var pathOptions = options.AlgorithmFloor ? PathOptions.Workload : PathOptions.Rfc5280;
        var search = new PathSearch(signer, All, [question.Path.Anchor], pathOptions, question.At);
        if (!search.TryNext(out path))
        {
            _failedSearches++;
        }

        return _paths[signer] = path;
    }

    private static List<ParsedCertificate> ReadAll(RevocationQuestion question)
    {
        var all = new List<ParsedCertificate>(question.Path.Certificates);
        foreach (var rawData in question.Others)
        {
            if (!all.Exists(known => known.RawData.Span.SequenceEqual(rawData.Span)) && ParsedCertificate.TryParse(rawData, out var certificate, out _))
            {
                all.Add(certificate);
            }
        }

        return all;
    }
}
