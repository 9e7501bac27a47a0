using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths.Extensions;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// One question put to one set of CRLs: RFC 5280 §6.3.3. The letters in the comments are the steps of that section. Whoever any CRL in scope
/// lists is revoked, whatever the others say; a status is only Good when CRLs that cover every reason for a revocation don't list it.
/// </summary>
internal sealed class CrlCheck
{
    private const int MaxDepth = 2;
    private const string FreshestCrl = "2.5.29.46";
    private readonly CrlSet _set;
    private readonly CrlOptions _options;
    private readonly CrlWatermarks _watermarks;
    private readonly RevocationQuestion _question;
    private readonly CrlSignerCandidates _candidates;
    private readonly CrlSigner _signer;
    private readonly CrlAdmission _admission;
    private readonly bool _isAuthority;
    private List<string>? _deltaUrls;
    private ReasonFlags _covered;

    private CrlCheck(CrlSet set, CrlOptions options, CrlWatermarks watermarks, RevocationQuestion question, CrlSignerCandidates candidates)
    {
        (_set, _options, _watermarks, _question, _candidates) = (set, options, watermarks, question, candidates);
        _isAuthority = question.Certificate.BasicConstraints is { IsAuthority: true };
        _signer = new CrlSigner(question, options, candidates, IsRevoked);
        _admission = new CrlAdmission(set, watermarks, _signer, question);
    }

    /// <summary>How many questions about signers lead here.</summary>
    private int Depth { get; init; }

    /// <summary>Answers the question from memory alone.</summary>
    public static CrlFinding Run(CrlSet set, CrlOptions options, CrlWatermarks watermarks, CrlSignerCandidates candidates)
        => new CrlCheck(set, options, watermarks, candidates.Question, candidates).Run();

    private CrlFinding Run()
    {
        IReadOnlyList<DistributionPoint> named = [];
        RevocationAnswer answer;
        try
        {
            named = DistributionPoint.ReadAll(_question.Certificate, ExtensionOids.CrlDistributionPoints);
            NoteDeltas(DistributionPoint.ReadAll(_question.Certificate, FreshestCrl));
            answer = Answer(named);
        }
        catch (AsnContentException exception)
        {
            answer = Unknown($"certificate's distribution points can't be read: {exception.Message}");
        }

        string[] urls = named.Count == 0 ? [] : [.. named.SelectMany(point => point.HttpUrls)];
        return new CrlFinding(answer, urls, _deltaUrls ?? [], _signer.HasNews);
    }

    /// <summary>The certificates of a foreign CRL signer are checked in turn, but not without end.</summary>
    private bool IsRevoked(RevocationQuestion other)
    {
        if (Depth >= MaxDepth)
        {
            return false;
        }

        var finding = new CrlCheck(_set, _options, _watermarks, other, _candidates) { Depth = Depth + 1 }.Run();
        _signer.HasNews |= finding.HasNews;
        return finding.Answer.Status == RevocationStatus.Revoked;
    }

    private RevocationAnswer Answer(IReadOnlyList<DistributionPoint> named)
    {
        // The issuer's other CRLs count as if there were one more point (last paragraph of §6.3.3).
        var implied = _set.Of(_question.Certificate.IssuerName).ImpliedPoints;
        var points = named.Count == 0 ? implied : [.. named, .. implied];

        // First whether any CRL lists it. To stop at the first that covers it would let a revoked peer choose which one that is: by presenting
        // the certificate of another key of its issuer, whose CRL doesn't know of the revocation.
        var candidates = CrlCandidate.Gather(_set, _question, named);
        if (new CrlListings(_question, _options, _admission, _isAuthority).Find(candidates, points) is { } revoked)
        {
            return revoked;
        }

        Cover(candidates, points);
        return _covered switch
        {
            // Fails closed: a CRL whose signature, or whose signer's path, was not tried any more may be the one that lists it.
            _ when _candidates.IsExhausted => Unknown("too many certificates and CRLs with one issuer's name, of which none fits"),
            ReasonFlags.All => new RevocationAnswer(RevocationStatus.Good, "on no CRL that covers it", _admission.ValidUntil),
            _ => Unknown(_admission.Details.Count == 0 ? "no CRL covers it" : string.Join("; ", _admission.Details)),
        };
    }

    /// <summary>Looks, turn by turn, for CRLs that cover every reason; that none of them lists the certificate is known already.</summary>
    private void Cover(List<CrlCandidate> candidates, DistributionPoint[] points)
    {
        for (var turn = CrlTurn.ByIssuer; turn <= CrlTurn.ClaimsAnother; turn++)
        {
            foreach (var point in points)
            {
                foreach (var candidate in candidates)
                {
                    if (_covered == ReasonFlags.All)
                    {
                        return;
                    }

                    if (candidate.Turn == turn && !candidate.List.IsDelta && point.IsOf(candidate.List.Issuer, _question.Certificate))
                    {
                        Cover(candidate.List, point);
                    }
                }
            }
        }
    }

    private void Cover(CertificateList list, DistributionPoint point)
    {
        // (b) and (d), (e): is the certificate in its scope, and does it cover a reason that is not covered yet?
        var reasons = point.Reasons & (list.Extensions.Scope?.Reasons ?? ReasonFlags.All);
        if ((reasons & ~_covered) == 0 || !point.Admits(list.Extensions.Scope, _isAuthority) || _admission.Admit(list) is not { } key)
        {
            return;
        }

        // An older CRL never answers in the place of the newest by its key, not even when that is stale.
        if (_admission.IsSuperseded(list, key))
        {
            return;
        }

        NoteDeltas(list.Extensions.FreshestCrl);

        // (a), (c), (h): with a current delta CRL a complete one is as current as the delta (§5.2.4).
        var end = (_admission.FindDelta(list, key) ?? list).EndAfter(_options.MaxStaleness);
        if (_question.At > end)
        {
            _admission.Note($"{list} is stale since {list.NextUpdate:u}");
            return;
        }

        // (l)
        _admission.Limit(end);
        _covered |= reasons;
    }

    private void NoteDeltas(IReadOnlyList<DistributionPoint> points)
    {
        if (points.Count > 0)
        {
            (_deltaUrls ??= []).AddRange(points.SelectMany(point => point.HttpUrls));
        }
    }

    private RevocationAnswer Unknown(string detail) => new(RevocationStatus.Unknown, detail, _question.At);
}
