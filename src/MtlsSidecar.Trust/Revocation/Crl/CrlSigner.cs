using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Extensions;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// Finds who signed a CRL (RFC 5280 §6.3.3 (f) and (g)): a certificate with the CRL issuer's name whose key verifies the signature, may sign
/// CRLs, and which the same trust anchor vouches for as the certificate in question.
/// </summary>
/// <param name="question">What is asked.</param>
/// <param name="options">Which CRLs count.</param>
/// <param name="candidates">Who may have signed.</param>
/// <param name="isRevoked">Whether a certificate on a foreign signer's path is known to be revoked.</param>
internal sealed class CrlSigner(RevocationQuestion question, CrlOptions options, CrlSignerCandidates candidates, Func<RevocationQuestion, bool> isRevoked)
{
    private List<ParsedCertificate>? _others;

    /// <summary>
    /// Whether a CRL that is known to be genuine has been met of which nobody has been told. Not only by whom its signature was verified: that
    /// question may have come to nothing.
    /// </summary>
    public bool HasNews { get; set; }

    /// <summary>Those that the peer presented beside the path, and those of the path that are not vouched for as signers.</summary>
    private List<ParsedCertificate> Others => _others ??= [.. candidates.All.Except(question.Path.Certificates.Skip(question.Index + 1))];

    /// <summary>Whether the certificate's key is the one that the CRL names. A hint that orders: only the signature decides.</summary>
    public static bool IsHinted(ParsedCertificate certificate, CertificateList list)
        => list.Extensions.AuthorityKeyIdentifier is not { } authorityKey
            || certificate.SubjectKeyIdentifier is not { } subjectKey
            || authorityKey.Span.SequenceEqual(subjectKey.Span);

    /// <summary>Gives the signer's key, or null when nobody known and entitled signed the CRL.</summary>
    public CrlSignerKey? Find(CertificateList list) => Find(list, hinted: true) ?? Find(list, hinted: false);

    /// <summary>Whether that key, which is vouched for, signed the list. Verified once, remembered from then on, also if it did not.</summary>
    public bool Signed(CertificateList list, CrlSignerKey key)
    {
        if (!key.IsInherited && list.IsSignedBy(key.Info.Span))
        {
            HasNews |= !list.IsAnnounced;
            return true;
        }

        if (list.IsForeign(key.Info.Span))
        {
            return false;
        }

        if (list.Signature.Verifies(key.Key, options.AlgorithmFloor))
        {
            Remember(list, key);
            return true;
        }

        if (!key.IsInherited)
        {
            list.RememberForeign(key.Info.Span);
        }

        return false;
    }

    private CrlSignerKey? Find(CertificateList list, bool hinted)
    {
        // The path above the certificate in question is validated already, the anchor included.
        var path = question.Path.Certificates;
        for (var index = question.Index + 1; index < path.Count; index++)
        {
            if (IsCandidate(path[index], list, hinted) && CrlSignerKey.Of(path, index) is { } key && Signed(list, key))
            {
                return key;
            }
        }

        // Others may have the issuer's name too: a second key of the issuer, or an indirect CRL's issuer.
        foreach (var certificate in Others)
        {
            if (IsCandidate(certificate, list, hinted)
                && CrlSignerKey.Of([certificate], 0) is { } key
                && (list.IsSignedBy(key.Info.Span) || candidates.Verifies(list, certificate, key))
                && IsVouchedFor(certificate))
            {
                Remember(list, key);
                return key;
            }
        }

        return null;
    }

    private void Remember(CertificateList list, CrlSignerKey key)
    {
        if (!key.IsInherited)
        {
            list.Remember(key.Info.Span);
            HasNews |= !list.IsAnnounced;
        }
    }

    private static bool IsCandidate(ParsedCertificate certificate, CertificateList list, bool hinted)
    {
        try
        {
            return certificate.SubjectName.Equals(list.Issuer)
                && (certificate.KeyUsage ?? KeyUsages.CrlSign).HasFlag(KeyUsages.CrlSign)
                && IsHinted(certificate, list) == hinted;
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

        if (candidates.FindPath(signer) is not { } path)
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
}
