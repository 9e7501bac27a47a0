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
    private const int LastTurn = 3;
    private const string FreshestCrl = "2.5.29.46";
    private readonly CrlSet _set;
    private readonly CrlOptions _options;
    private readonly RevocationQuestion _question;
    private readonly CrlSigner _signer;
    private readonly CrlAdmission _admission;
    private readonly List<string> _deltaUrls = [];
    private readonly List<CertificateList> _newlyVerified = [];
    private readonly bool _isAuthority;
    private ReasonFlags _covered;

    private CrlCheck(CrlSet set, CrlOptions options, CrlWatermarks watermarks, RevocationQuestion question, int depth)
    {
        _set = set;
        _options = options;
        _question = question;
        _isAuthority = question.Certificate.BasicConstraints is { IsAuthority: true };

        // The certificates of a foreign CRL signer are checked in turn, but not without end.
        _signer = new CrlSigner(
            question,
            options,
            other => depth < MaxDepth && IsRevoked(new CrlCheck(set, options, watermarks, other, depth + 1).Run()),
            _newlyVerified);
        _admission = new CrlAdmission(set, watermarks, _signer, question);
    }

    /// <summary>Answers the question from memory alone.</summary>
    public static CrlFinding Run(CrlSet set, CrlOptions options, CrlWatermarks watermarks, RevocationQuestion question)
        => new CrlCheck(set, options, watermarks, question, 0).Run();

    private CrlFinding Run()
    {
        try
        {
            var named = DistributionPoint.ReadAll(_question.Certificate, ExtensionOids.CrlDistributionPoints);
            NoteDeltas(DistributionPoint.ReadAll(_question.Certificate, FreshestCrl));

            // The issuer's other CRLs count as if there were one more point (last paragraph of §6.3.3).
            return new CrlFinding(
                Answer([.. named, DistributionPoint.Implied(_question.Certificate.IssuerName)]),
                [.. named.SelectMany(point => point.HttpUrls)],
                _deltaUrls,
                _newlyVerified);
        }
        catch (AsnContentException exception)
        {
            return new CrlFinding(Unknown($"certificate's distribution points can't be read: {exception.Message}"), [], [], _newlyVerified);
        }
    }

    private bool IsRevoked(CrlFinding finding)
    {
        _newlyVerified.AddRange(finding.NewlyVerified);
        return finding.Answer.Status == RevocationStatus.Revoked;
    }

    private RevocationAnswer Answer(IReadOnlyList<DistributionPoint> points)
    {
        // First whether any CRL lists it. To stop at the first that covers it would let a revoked peer choose which one that is: by presenting
        // the certificate of another key of its issuer, whose CRL doesn't know of the revocation.
        if (new CrlListings(_set, _question, _options, _admission).Find(points, _isAuthority) is { } revoked)
        {
            return revoked;
        }

        Cover(points);
        return _covered switch
        {
            // Fails closed: a CRL whose signature was not tried any more may be the one that lists it.
            _ when _signer.IsExhausted => Unknown("too many certificates and CRLs with one issuer's name, of which none fits"),
            ReasonFlags.All => new RevocationAnswer(RevocationStatus.Good, "on no CRL that covers it", _admission.ValidUntil),
            _ => Unknown(_admission.Details.Count == 0 ? "no CRL covers it" : string.Join("; ", _admission.Details)),
        };
    }

    /// <summary>
    /// Looks for CRLs that cover every reason; that none of them lists the certificate is known already. The CRLs by the key that signed the
    /// certificate come first: those by another key of the issuer answer for as long as they say, but only where the former don't.
    /// </summary>
    private void Cover(IReadOnlyList<DistributionPoint> points)
    {
        // Ranked once and for all: a handshake beside this one may verify a CRL at any moment, which would move it into a turn that is over.
        var ranked = points
            .SelectMany(point => point.IssuersOf(_question.Certificate).SelectMany(_set.Complete).SelectMany(scope => scope).Select(list => (Turn: TurnOf(list), List: list, Point: point)))
            .OrderBy(entry => entry.Turn);
        foreach (var (_, list, point) in ranked)
        {
            if (_covered == ReasonFlags.All)
            {
                return;
            }

            Cover(list, point);
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

    /// <summary>
    /// As far as is known without a signature check. It orders CRLs, no more; who signed one is checked when it is consulted. What somebody else
    /// sends in the issuer's name comes last of its kind, so that it doesn't use up the checks.
    /// </summary>
    private int TurnOf(CertificateList list) => list switch
    {
        _ when list.IsSignedBy(_question.Issuer.SubjectPublicKeyInfo.Span) => 0,
        { IsVerified: false } when CrlSigner.IsHinted(_question.Issuer, list) => 1,
        { IsVerified: true } => 2,
        _ => LastTurn,
    };

    private void NoteDeltas(IEnumerable<DistributionPoint> points) => _deltaUrls.AddRange(points.SelectMany(point => point.HttpUrls));

    private RevocationAnswer Unknown(string detail) => new(RevocationStatus.Unknown, detail, _question.At);
}
