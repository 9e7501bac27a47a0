using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Extensions;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// Finds who signed a CRL (RFC 5280 §6.3.3 (f) and (g)): a certificate with the CRL issuer's name whose key verifies the signature, may sign
/// CRLs, and which the same trust anchor vouches for as the certificate in question.
/// </summary>
internal sealed class CrlSigner(RevocationQuestion question, CrlOptions options, Func<RevocationQuestion, bool> isRevoked)
{
    // A hostile peer may send many certificates with an issuer's name; each costs a verification, and a path search if that succeeds.
    private const int MaxVerifications = 24;
    private readonly Lazy<List<ParsedCertificate>> _others = new(() => ParseOthers(question));
    private int _verificationsLeft = MaxVerifications;

    /// <summary>Gives the signer's key, or null when nobody known and entitled signed the CRL.</summary>
    public CrlSignerKey? Find(CertificateList list)
    {
        // The path above the certificate in question is validated already, the anchor included.
        var path = question.Path.Certificates;
        for (var index = question.Index + 1; index < path.Count; index++)
        {
            if (IsCandidate(path[index], list) && CrlSignerKey.Of(path, index) is { } key && Signed(list, key))
            {
                return key;
            }
        }

        // Others may have the issuer's name too: a second key of the issuer, or an indirect CRL's issuer.
        foreach (var certificate in _others.Value)
        {
            if (IsCandidate(certificate, list)
                && CrlSignerKey.Of([certificate], 0) is { } key
                && Verifies(list, key)
                && IsVouchedFor(certificate))
            {
                Remember(list, key);
                return key;
            }
        }

        return null;
    }

    /// <summary>Whether that key, which is vouched for, signed the list. Verified once, remembered from then on.</summary>
    public bool Signed(CertificateList list, CrlSignerKey key)
    {
        if (!key.IsInherited && list.IsSignedBy(key.Info.Span))
        {
            return true;
        }

        if (!Verifies(list, key))
        {
            return false;
        }

        Remember(list, key);
        return true;
    }

    private static void Remember(CertificateList list, CrlSignerKey key)
    {
        if (!key.IsInherited)
        {
            list.Remember(key.Info.Span);
        }
    }

    private bool Verifies(CertificateList list, CrlSignerKey key)
        => _verificationsLeft-- > 0 && list.Signature.Verifies(key.Key, options.AlgorithmFloor);

    private static bool IsCandidate(ParsedCertificate certificate, CertificateList list)
    {
        try
        {
            return certificate.SubjectName.Equals(list.Issuer)
                && (certificate.KeyUsage ?? KeyUsages.CrlSign).HasFlag(KeyUsages.CrlSign)
                && (list.Extensions.AuthorityKeyIdentifier is not { } authorityKey
                    || certificate.SubjectKeyIdentifier is not { } subjectKey
                    || authorityKey.Span.SequenceEqual(subjectKey.Span));
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    /// <summary>
    /// A path of the signer's own to the same anchor, on which nothing is known to be revoked. Unknown is enough here: the status of a new
    /// key often stands on the very CRL that it signs.
    /// </summary>
    private bool IsVouchedFor(ParsedCertificate signer)
    {
        // Whoever holds a certificate's key must not decide about that certificate.
        if (signer.SubjectPublicKeyInfo.Span.SequenceEqual(question.Certificate.SubjectPublicKeyInfo.Span))
        {
            return false;
        }

        var pathOptions = options.AlgorithmFloor ? PathOptions.Workload : PathOptions.Rfc5280;
        var search = new PathSearch(signer, _others.Value, [question.Path.Anchor], pathOptions, question.At);
        if (!search.TryNext(out var path))
        {
            return false;
        }

        for (var index = path.Certificates.Count - 2; index >= 0; index--)
        {
            if (isRevoked(question with { Path = path, Index = index }))
            {
                return false;
            }
        }

        return true;
    }

    private static List<ParsedCertificate> ParseOthers(RevocationQuestion question)
    {
        var others = new List<ParsedCertificate>(question.Path.Certificates);
        foreach (var rawData in question.Others)
        {
            if (!others.Any(known => known.RawData.Span.SequenceEqual(rawData.Span)) && ParsedCertificate.TryParse(rawData, out var certificate, out _))
            {
                others.Add(certificate);
            }
        }

        return others;
    }
}
