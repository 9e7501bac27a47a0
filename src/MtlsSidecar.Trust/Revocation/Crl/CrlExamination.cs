using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Extensions;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// Looks for what is wrong with CRLs before any peer asks for them, so that an operator hears of it. Nothing is decided here: whether a CRL
/// counts for a certificate is <see cref="CrlCheck"/>'s business, and a CRL that this finds fault with stays loaded.
/// </summary>
internal sealed class CrlExamination(KnownIssuers known, CrlOptions options, DateTimeOffset now)
{
    private readonly List<ParsedCertificate> _issuers = [.. known.Anchors, .. known.Intermediates.Where(certificate => IsVouchedFor(certificate, known, options, now))];

    /// <summary>Examines the signatures of what sources gave last.</summary>
    public IReadOnlyList<CrlProblem> Examine(IReadOnlyCollection<(string Source, CertificateList List)> lists)
    {
        var verified = lists.Where(entry => IsSignedByIssuer(entry.List)).Select(entry => entry.List).ToHashSet();

        // An authority with two keys may have one that only peers present; but of an issuer that we know, one CRL at least must be genuine.
        var covered = verified.Select(list => list.Issuer).ToHashSet();
        return [.. lists.Where(entry => !verified.Contains(entry.List)).Select(entry => Judge(entry.Source, entry.List, covered))];
    }

    private CrlProblem Judge(string source, CertificateList list, HashSet<DistinguishedName> covered)
        => _issuers.Exists(issuer => HasName(issuer, list.Issuer))
            ? new CrlProblem(source, $"{list} is signed by none of the keys that are known to be its issuer's", !covered.Contains(list.Issuer))
            : new CrlProblem(source, $"{list} can't be verified until a peer presents that issuer's certificate", IsCertain: false);

    private bool IsSignedByIssuer(CertificateList list)
        => list.IsVerified
        || _issuers.Exists(issuer => HasName(issuer, list.Issuer)
            && (issuer.KeyUsage ?? KeyUsages.CrlSign).HasFlag(KeyUsages.CrlSign)
            && CrlSignerKey.Of([issuer], 0) is { } key
            && list.Signature.Verifies(key.Key, options.AlgorithmFloor));

    private static bool HasName(ParsedCertificate certificate, DistinguishedName name)
    {
        try
        {
            return certificate.SubjectName.Equals(name);
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static bool IsVouchedFor(ParsedCertificate certificate, KnownIssuers known, CrlOptions options, DateTimeOffset now)
        => new PathSearch(certificate, known.Intermediates, known.Anchors, options.AlgorithmFloor ? PathOptions.Workload : PathOptions.Rfc5280, now).TryNext(out _);
}
