using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths.Extensions;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// One question put to one set of CRLs: RFC 5280 §6.3.3. The letters in the comments are the steps of that section. A status is only Good
/// when the CRLs found cover every reason for which a certificate can be revoked.
/// </summary>
internal sealed class CrlCheck
{
    private const int MaxDepth = 2;
    private const int MaxDetails = 4;
    private const string FreshestCrl = "2.5.29.46";
    private readonly CrlSet _set;
    private readonly CrlOptions _options;
    private readonly CrlWatermarks _watermarks;
    private readonly RevocationQuestion _question;
    private readonly CrlSigner _signer;
    private readonly List<string> _details = [];
    private readonly List<string> _deltaUrls = [];
    private readonly List<CertificateList> _newlyVerified = [];
    private readonly DistinguishedName _certificateIssuer;
    private readonly bool _isAuthority;
    private ReasonFlags _covered;
    private DateTimeOffset _validUntil = DateTimeOffset.MaxValue;

    private CrlCheck(CrlSet set, CrlOptions options, CrlWatermarks watermarks, RevocationQuestion question, int depth)
    {
        _set = set;
        _watermarks = watermarks;
        _options = options;
        _question = question;
        _certificateIssuer = question.Certificate.IssuerName;
        _isAuthority = question.Certificate.BasicConstraints is { IsAuthority: true };

        // The certificates of a foreign CRL signer are checked in turn, but not without end.
        _signer = new CrlSigner(
            question,
            options,
            other => depth < MaxDepth && IsRevoked(new CrlCheck(set, options, watermarks, other, depth + 1).Run()),
            _newlyVerified);
    }

    /// <summary>Answers the question from memory alone.</summary>
    public static CrlFinding Run(CrlSet set, CrlOptions options, CrlWatermarks watermarks, RevocationQuestion question)
        => new CrlCheck(set, options, watermarks, question, 0).Run();

    private CrlFinding Run()
    {
        try
        {
            var points = DistributionPoint.ReadAll(_question.Certificate, ExtensionOids.CrlDistributionPoints);
            NoteDeltas(DistributionPoint.ReadAll(_question.Certificate, FreshestCrl));
            return new CrlFinding(Answer(points), [.. points.SelectMany(point => point.HttpUrls)], _deltaUrls, _newlyVerified);
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
        // Each distribution point in turn, then the issuer's other CRLs as if there were one more point (last paragraph of §6.3.3).
        foreach (var point in points.Append(DistributionPoint.Implied(_certificateIssuer)))
        {
            if (_covered != ReasonFlags.All && Consult(point) is { } revoked)
            {
                return revoked;
            }
        }

        return _covered == ReasonFlags.All
            ? new RevocationAnswer(RevocationStatus.Good, "on no CRL that covers it", _validUntil)
            : Unknown(_details.Count == 0 ? "no CRL covers it" : string.Join("; ", _details));
    }

    private RevocationAnswer? Consult(DistributionPoint point)
    {
        var issuers = point.CrlIssuers is null
            ? [_certificateIssuer]
            : point.CrlIssuers.Where(name => name.DirectoryName is not null).Select(name => name.DirectoryName!);
        foreach (var issuer in issuers)
        {
            // Those known to be genuine first: what somebody else sends in the issuer's name must not use up the checks before its own CRL's turn.
            foreach (var scope in _set.Complete(issuer).OrderByDescending(scope => scope.Any(list => list.IsVerified)))
            {
                if (Consult(scope, point) is { } revoked)
                {
                    return revoked;
                }
            }
        }

        return null;
    }

    /// <summary>Consults the newest usable of the CRLs with one scope. An older one never answers in its place, not even when it is stale.</summary>
    private RevocationAnswer? Consult(CertificateList[] scope, DistributionPoint point)
    {
        // (b) and (d), (e): is the certificate in its scope, and does it cover a reason that is not covered yet?
        var reasons = point.Reasons & (scope[0].Extensions.Scope?.Reasons ?? ReasonFlags.All);
        if (!IsInScope(scope[0].Extensions.Scope, point) || (reasons & ~_covered) == 0)
        {
            return null;
        }

        foreach (var list in scope)
        {
            if (!_set.CountsUnder(list, _question.Path.Anchor))
            {
                continue;
            }

            if (list.ThisUpdate > _question.At)
            {
                // Not used before its time, and no answer of its predecessor outlives that moment.
                Limit(list.ThisUpdate);
                Note($"{Describe(list)} is from the future ({list.ThisUpdate:u})");
                continue;
            }

            // (f), (g): who signed it?
            if (_signer.Find(list) is not { } key)
            {
                Note($"{Describe(list)} is signed by nobody known and entitled");
                continue;
            }

            if (!_watermarks.Admits(list, key))
            {
                Note($"{Describe(list)} is older than one seen before");
                continue;
            }

            NoteDeltas(list.Extensions.FreshestCrl);

            // (a), (c), (h): with a current delta CRL a complete one is as current as the delta (§5.2.4).
            var delta = FindDelta(list, key);
            var end = After((delta ?? list).NextUpdate, _options.MaxStaleness);
            if (_question.At > end)
            {
                Note($"{Describe(list)} is stale since {list.NextUpdate:u}");
                return null;
            }

            Limit(end);
            if (LookUp(list, delta) is { } reason)
            {
                return new RevocationAnswer(RevocationStatus.Revoked, $"revoked ({reason}) by {Describe(delta ?? list)}", _validUntil);
            }

            // (l)
            _covered |= reasons;
            return null;
        }

        return null;
    }

    /// <summary>Step (b).</summary>
    private bool IsInScope(IssuingDistributionPoint? scope, DistributionPoint point)
    {
        // (b)(1): somebody else's CRL must say that it speaks for others. That the issuers match is how the CRL was found.
        if (scope is null)
        {
            return point.CrlIssuers is null;
        }

        if (point.CrlIssuers is not null && !scope.IsIndirect)
        {
            return false;
        }

        // (b)(2)
        var names = point.Name?.Names ?? point.CrlIssuers ?? [];
        return (scope.Name is null || scope.Name.Matches(names))
            && !(scope.OnlyUserCertificates && _isAuthority)
            && !(scope.OnlyAuthorityCertificates && !_isAuthority)
            && !scope.OnlyAttributeCertificates;
    }

    /// <summary>Steps (c) and (h), and the conditions of §5.2.4. A missing, stale or misfit delta leaves the complete CRL alone in force.</summary>
    private CertificateList? FindDelta(CertificateList complete, CrlSignerKey key)
    {
        if (complete.Extensions.Number is not { } number)
        {
            return null;
        }

        foreach (var delta in _set.Deltas(complete.Issuer))
        {
            if (_set.CountsUnder(delta, _question.Path.Anchor)
                && delta.ThisUpdate <= _question.At
                && delta.NextUpdate >= _question.At
                && number >= delta.Extensions.BaseNumber
                && number < delta.Extensions.Number
                && delta.Scope.DistributionPoint == complete.Scope.DistributionPoint
                && delta.Scope.KeyIdentifier == complete.Scope.KeyIdentifier
                && _signer.Signed(delta, key)
                && _watermarks.Admits(delta, key))
            {
                return delta;
            }
        }

        return null;
    }

    /// <summary>Steps (i) to (k): the delta's word first; what it removes is not revoked.</summary>
    private CrlReason? LookUp(CertificateList complete, CertificateList? delta)
    {
        var serialNumber = _question.Certificate.SerialNumber.Span;
        if (delta is not null && delta.TryFind(_certificateIssuer, serialNumber, out var reason))
        {
            return reason == CrlReason.RemoveFromCrl ? null : reason;
        }

        return complete.TryFind(_certificateIssuer, serialNumber, out reason) ? reason : null;
    }

    private static DateTimeOffset After(DateTimeOffset time, TimeSpan span)
        => DateTimeOffset.MaxValue - time > span ? time + span : DateTimeOffset.MaxValue;

    private static string Describe(CertificateList list)
        => $"{(list.IsDelta ? "delta CRL" : "CRL")} {list.Extensions.Number?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "without number"} of {list.IssuerText}";

    private void NoteDeltas(IEnumerable<DistributionPoint> points) => _deltaUrls.AddRange(points.SelectMany(point => point.HttpUrls));

    private void Limit(DateTimeOffset end) => _validUntil = end < _validUntil ? end : _validUntil;

    private void Note(string detail)
    {
        if (_details.Count < MaxDetails && !_details.Contains(detail))
        {
            _details.Add(detail);
        }
    }

    private RevocationAnswer Unknown(string detail) => new(RevocationStatus.Unknown, detail, _question.At);
}
