using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths;

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

    /// <summary>Gives the signer's public key, or null when nobody known and entitled signed the CRL.</summary>
    public ReadOnlyMemory<byte>? Find(CertificateList list)
    {
        // The path above the certificate in question is validated already, the anchor included.
        for (var index = question.Index + 1; index < question.Path.Certificates.Count; index++)
        {
            var certificate = question.Path.Certificates[index];
            if (IsCandidate(certificate, list) && (list.IsSignedBy(certificate.SubjectPublicKeyInfo.Span) || Verifies(list, certificate)))
            {
                return Accept(list, certificate);
            }
        }

        foreach (var certificate in _others.Value)
        {
            if (IsCandidate(certificate, list) && Verifies(list, certificate) && IsVouchedFor(certificate))
            {
                return Accept(list, certificate);
            }
        }

        return null;
    }

    /// <summary>Whether that key, which <see cref="Find"/> gave for another CRL, signed this one too.</summary>
    public bool AlsoSigned(CertificateList list, ReadOnlyMemory<byte> subjectPublicKeyInfo)
    {
        if (list.IsSignedBy(subjectPublicKeyInfo.Span))
        {
            return true;
        }

        if (_verificationsLeft-- <= 0 || !list.Signature.Verifies(subjectPublicKeyInfo.Span, options.AlgorithmFloor))
        {
            return false;
        }

        list.Remember(subjectPublicKeyInfo.Span);
        return true;
    }

    private static ReadOnlyMemory<byte> Accept(CertificateList list, ParsedCertificate certificate)
    {
        if (!list.IsSignedBy(certificate.SubjectPublicKeyInfo.Span))
        {
            list.Remember(certificate.SubjectPublicKeyInfo.Span);
        }

        return certificate.SubjectPublicKeyInfo;
    }

    private bool Verifies(CertificateList list, ParsedCertificate certificate)
        => _verificationsLeft-- > 0 && list.Signature.Verifies(certificate.SubjectPublicKeyInfo.Span, options.AlgorithmFloor);

    private static bool IsCandidate(ParsedCertificate certificate, CertificateList list)
    {
        try
        {
            return NameKey.Read(certificate.Subject) == list.Issuer
                && CertificateExtensions.MaySignCrls(certificate)
                && (list.Extensions.AuthorityKeyIdentifier is not { } authorityKey
                    || CertificateExtensions.SubjectKeyIdentifier(certificate) is not { } subjectKey
                    || authorityKey.AsSpan().SequenceEqual(subjectKey));
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

        var search = new PathSearch(
            signer,
            _others.Value,
            [question.Path.Anchor],
            new PathOptions { AlgorithmFloor = options.AlgorithmFloor },
            question.At);
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
