using System.Diagnostics.CodeAnalysis;
using MtlsSidecar.Trust.Paths.Rules;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Paths;

/// <summary>
/// Finds certification paths from a leaf to a trust anchor, one at a time, so that a caller who refuses a path for another reason
/// (a revoked cross-certificate) can ask for the next. Grows from the leaf upwards with backtracking (RFC 4158); every rule that can be
/// judged on a part of a path is judged there, so a dead end costs little. All of RFC 5280 §6.1 holds for what comes out, and the
/// platform's chain engine agrees. The work is bounded by <see cref="SearchBounds"/>.
/// </summary>
public sealed class PathSearch
{
    private readonly ParsedCertificate _leaf;
    private readonly PathOptions _options;
    private readonly DateTimeOffset _at;
    private readonly IssuerCandidates _candidates;
    private readonly SearchBounds _bounds;
    private readonly SignatureRules _signatures;
    private readonly Dictionary<ParsedCertificate, PeerRejection?> _ownRules = [];
    private readonly RejectionRanking _ranking = new();
    private readonly IEnumerator<CertificationPath> _paths;

    /// <summary>Prepares a search; no work is done until <see cref="TryNext"/>.</summary>
    /// <param name="leaf">The certificate that the path is about.</param>
    /// <param name="untrusted">Certificates that may stand in between, in any order: presented ones and others known.</param>
    /// <param name="anchors">Where a path may end; they need not be self-signed.</param>
    /// <param name="options">The relying party's inputs.</param>
    /// <param name="at">The time for which the path must hold.</param>
    public PathSearch(
        ParsedCertificate leaf,
        IReadOnlyList<ParsedCertificate> untrusted,
        IReadOnlyList<ParsedCertificate> anchors,
        PathOptions options,
        DateTimeOffset at)
    {
        _leaf = leaf;
        _options = options;
        _at = at;
        _candidates = new IssuerCandidates(leaf, untrusted, anchors, at);
        _bounds = new SearchBounds(anchors.Count);
        _signatures = new SignatureRules(_bounds);
        _paths = Search().GetEnumerator();
    }

    /// <summary>Why there is no (further) path: of all dead ends the one that tells most.</summary>
    public PeerRejection Rejection => _bounds.Exceeded ?? _ranking.Best;

    /// <summary>Gives the next path that holds.</summary>
    public bool TryNext([NotNullWhen(true)] out CertificationPath? path)
    {
        path = _paths.MoveNext() ? _paths.Current : null;
        return path is not null;
    }

    private IEnumerable<CertificationPath> Search()
    {
        var anchor = _candidates.FindAnchor(_leaf);
        if (OwnRules(_leaf, isAnchor: anchor is not null) is { } refused)
        {
            _ranking.Note(refused, 0);
            yield break;
        }

        List<ParsedCertificate> path = [anchor ?? _leaf];
        if (anchor is not null)
        {
            if (Finish(path) is { } trusted)
            {
                yield return trusted;
            }

            yield break;
        }

        foreach (var found in Extend(path))
        {
            yield return found;
        }
    }

    private IEnumerable<CertificationPath> Extend(List<ParsedCertificate> below)
    {
        var issuers = _candidates.IssuersOf(below[^1]);
        if (issuers.Count == 0)
        {
            _ranking.NoteUnknownIssuer(below[^1], below.Count);
        }

        foreach (var (issuer, isAnchor) in issuers)
        {
            // A bound that was reached anywhere below ends the search here as well: what is found depends on no order of luck.
            if (_bounds.Exceeded is not null || !_bounds.TakeStep())
            {
                yield break;
            }

            if (IsLoop(issuer, isAnchor, below))
            {
                continue;
            }

            if (below.Count >= SearchBounds.MaxPathLength)
            {
                var tooLong = new PeerRejection(
                    RejectionReason.PathTooLong, $"more than {SearchBounds.MaxPathLength} certificates in a path", "maximum path length", issuer.SubjectText);
                _ranking.Note(tooLong, below.Count);
                continue;
            }

            if (Refuse(issuer, isAnchor, below) is { } refused)
            {
                _ranking.Note(refused, below.Count);
                continue;
            }

            below.Add(issuer);
            if (!isAnchor)
            {
                foreach (var found in Extend(below))
                {
                    yield return found;
                }
            }
            else if (FinishVouchedFor(below) is { } found)
            {
                yield return found;
            }

            below.RemoveAt(below.Count - 1);
        }
    }

    /// <summary>Cheap rules first, then the signature, then the names, so that a forged issuer's constraints cost nothing.</summary>
    private PeerRejection? Refuse(ParsedCertificate issuer, bool isAnchor, List<ParsedCertificate> below)
        => OwnRules(issuer, isAnchor)
            ?? IssuerRules.Check(issuer, isAnchor, below, _options)
            ?? _signatures.Check(below[^1], issuer)
            ?? NameConstraintRules.Check(issuer.NameConstraints, below, _bounds);

    private PeerRejection? OwnRules(ParsedCertificate certificate, bool isAnchor)
    {
        if (!_ownRules.TryGetValue(certificate, out var refused))
        {
            _ownRules[certificate] = refused = CertificateRules.Check(certificate, isAnchor, isLeaf: ReferenceEquals(certificate, _leaf), _options, _at);
        }

        return refused;
    }

    private CertificationPath? FinishVouchedFor(List<ParsedCertificate> path)
    {
        _bounds.NoteVouchedFor();
        return Finish(path);
    }

    /// <summary>What can be judged only from the anchor down.</summary>
    private CertificationPath? Finish(List<ParsedCertificate> path)
    {
        if (!_bounds.TakeWholePath())
        {
            return null;
        }

        var refused = PolicyRules.Check(path, _options, out var policies)
            ?? _signatures.CheckInherited(path)
            ?? PlatformChain.Check(path, _options, _at);
        if (refused is null)
        {
            return new CertificationPath([.. path], policies);
        }

        _ranking.Note(refused, path.Count);
        return null;
    }

    /// <summary>
    /// The same authority twice, by name and key (RFC 4158 §2.4.2): nothing above it could be reached only that way. An anchor ends the
    /// path and so loops nowhere.
    /// </summary>
    private static bool IsLoop(ParsedCertificate issuer, bool isAnchor, List<ParsedCertificate> below)
    {
        if (isAnchor)
        {
            return false;
        }

        // The leaf is none of them: a self-signed authority that is judged itself may be vouched for by its own cross-certificate.
        foreach (var certificate in below.Skip(1))
        {
            if (certificate.SubjectPublicKeyInfo.Span.SequenceEqual(issuer.SubjectPublicKeyInfo.Span)
                && certificate.Subject.Span.SequenceEqual(issuer.Subject.Span))
            {
                return true;
            }
        }

        return false;
    }
}
