using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// Looks for a CRL by which the certificate is revoked, among all that have it in scope. Only those that list it are examined any further: for
/// a peer in good standing there are none, and no signature is checked.
/// </summary>
internal sealed class CrlListings(RevocationQuestion question, CrlOptions options, CrlAdmission admission, bool isAuthority)
{
    private readonly DistinguishedName _certificateIssuer = question.Certificate.IssuerName;

    /// <summary>Finds one; null when the certificate is on none that counts.</summary>
    public RevocationAnswer? Find(List<CrlCandidate> candidates, DistributionPoint[] points)
    {
        foreach (var (list, _, entry) in candidates)
        {
            // (i) to (k) before (b): the look-up was the cheapest step.
            if (entry is { } reason
                && reason != CrlReason.RemoveFromCrl
                && IsInScope(list, points)
                && admission.Admit(list) is { } key
                && Counts(list, key, reason))
            {
                return new RevocationAnswer(RevocationStatus.Revoked, $"revoked ({reason}) by {list}", admission.ValidUntil);
            }
        }

        return null;
    }

    /// <summary>Step (b). The reasons of (d) and (e) don't matter: they say what is missing when a certificate is not listed.</summary>
    private bool IsInScope(CertificateList list, DistributionPoint[] points)
        => points.Any(point => point.IsOf(list.Issuer, question.Certificate) && point.Admits(list.Extensions.Scope, isAuthority));

    /// <summary>
    /// A certificate on hold is revoked as long as the CRL counts. Any other revocation is for good (RFC 5280 §5.3.1), so it doesn't end with
    /// nextUpdate: else a revoked peer would only have to keep the next CRL from coming. The same goes for OCSP.
    /// </summary>
    private bool Counts(CertificateList list, CrlSignerKey key, CrlReason reason)
    {
        if (admission.IsSuperseded(list, key))
        {
            return false;
        }

        var isFinal = reason != CrlReason.CertificateHold;
        return list.IsDelta ? CountsAsDelta(list, key, isFinal) : CountsAsComplete(list, key, isFinal);
    }

    private bool CountsAsComplete(CertificateList list, CrlSignerKey key, bool isFinal)
    {
        var delta = admission.FindDelta(list, key);
        if (delta is not null
            && delta.TryFind(_certificateIssuer, question.Certificate.SerialNumber.Span, out var reason)
            && reason == CrlReason.RemoveFromCrl)
        {
            return false;
        }

        return isFinal || IsCurrent((delta ?? list).EndAfter(options.MaxStaleness));
    }

    /// <summary>A revocation for good needs no complete CRL that the delta goes with; one from before the latest complete CRL has been overtaken.</summary>
    private bool CountsAsDelta(CertificateList delta, CrlSignerKey key, bool isFinal)
    {
        var complete = admission.CompleteFor(delta, key);
        return !complete.Exists(list => list.Extensions.Number >= delta.Extensions.Number)
            && (isFinal || (complete.Exists(delta.BuildsOn) && IsCurrent(delta.NextUpdate)));
    }

    private bool IsCurrent(DateTimeOffset end)
    {
        if (question.At > end)
        {
            return false;
        }

        admission.Limit(end);
        return true;
    }
}
