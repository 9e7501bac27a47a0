using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// The certificates that may belong to the signer of a CRL, which of them verify which CRL, and which have a path of their own. Kept for one
/// question from its beginning to its end: over its repetitions, when CRLs are replaced or fetched meanwhile, and for those about foreign
/// signers in turn. So each costs its work once, and the bounds hold for all of it together.
/// </summary>
/// <param name="question">The question that they are kept for.</param>
/// <param name="options">Which CRLs count.</param>
internal sealed class CrlSignerCandidates(RevocationQuestion question, CrlOptions options)
{
    // A hostile peer may send many certificates with an issuer's name; each costs a verification. Counted for each CRL, so that one that nobody
    // signed leaves the others theirs, with an end for all together.
    private const int MaxVerificationsOfOneList = 24;
    private const int MaxVerifications = 96;

    // A hostile peer may make dozens of certificates that carry its issuer's name and a key that really signed a CRL: keys are public. The
    // CRL's signature then holds under each, and only a failing search of some milliseconds tells it from a genuine one. Honest peers and
    // operators know a few without a path at most: expired ones, and cross-certificates of other anchors.
    private const int MaxFailedSearches = 8;
    private readonly Dictionary<CertificateList, Dictionary<ParsedCertificate, bool>> _verified = [];
    private readonly Dictionary<ParsedCertificate, CertificationPath?> _paths = [];
    private List<ParsedCertificate>? _all;
    private int _verifications;
    private int _failedSearches;

    /// <summary>The question that they are kept for.</summary>
    public RevocationQuestion Question => question;

    /// <summary>
    /// Whether a signature was not verified, or a path not searched, because there had been too many: what is known may then be incomplete, and
    /// stays so. It counts for the question itself also where it befell one about a signer, which passes for unrevoked when its status is unknown.
    /// </summary>
    public bool IsExhausted { get; private set; }

    /// <summary>Those of the path, and after them those known or presented beside it. Each is one object for good.</summary>
    public IReadOnlyList<ParsedCertificate> All => _all ??= ReadAll(question);

    /// <summary>Whether the key of one of them verifies a CRL's signature, whoever vouches for it. False as well when it was not tried any more.</summary>
    public bool Verifies(CertificateList list, ParsedCertificate certificate, CrlSignerKey key)
    {
        if (!_verified.TryGetValue(list, out var tried))
        {
            _verified[list] = tried = [];
        }

        if (tried.TryGetValue(certificate, out var holds))
        {
            return holds;
        }

        if (tried.Count >= MaxVerificationsOfOneList || _verifications >= MaxVerifications)
        {
            IsExhausted = true;
            return false;
        }

        _verifications++;
        return tried[certificate] = list.Signature.Verifies(key.Key, options.AlgorithmFloor);
    }

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
