using System.Runtime.InteropServices;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// A CRL that may say something about a certificate, as it is when the question begins. A handshake beside it may verify a CRL at any moment;
/// the question goes by what is written here, so that no CRL leaves a turn that is to come for one that is over.
/// </summary>
/// <param name="List">The CRL.</param>
/// <param name="Turn">When it has its turn to say that the certificate is good.</param>
/// <param name="Entry">For what reason it lists the certificate; null when it doesn't.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CrlCandidate(CertificateList List, CrlTurn Turn, CrlReason? Entry)
{
    /// <summary>The one walk over the CRLs: those of the certificate's issuer first, then those of the issuers that its points name.</summary>
    public static List<CrlCandidate> Gather(CrlSet set, RevocationQuestion question, IReadOnlyList<DistributionPoint> named)
    {
        var issuer = question.Certificate.IssuerName;
        var own = set.Of(issuer).All;
        var candidates = new List<CrlCandidate>(own.Length);
        Add(candidates, own, question);
        if (named.Count > 0)
        {
            var others = new HashSet<DistinguishedName>(named.SelectMany(point => point.IssuersOf(question.Certificate)));
            others.Remove(issuer);
            foreach (var other in others)
            {
                Add(candidates, set.Of(other).All, question);
            }
        }

        return candidates;
    }

    private static void Add(List<CrlCandidate> candidates, CertificateList[] lists, RevocationQuestion question)
    {
        var certificate = question.Certificate;
        foreach (var list in lists)
        {
            var isListed = list.TryFind(certificate.IssuerName, certificate.SerialNumber.Span, out var reason);
            candidates.Add(new CrlCandidate(list, TurnOf(list, question.Issuer), isListed ? reason : null));
        }
    }

    private static CrlTurn TurnOf(CertificateList list, ParsedCertificate issuer)
    {
        // Looked at once: who is known to have signed it may become more meanwhile.
        var signers = list.Signers;
        if (signers.IsEmpty)
        {
            return CrlSigner.IsHinted(issuer, list) ? CrlTurn.ClaimsIssuer : CrlTurn.ClaimsAnother;
        }

        foreach (var signer in signers)
        {
            if (signer.Is(issuer.SubjectPublicKeyInfo.Span))
            {
                return CrlTurn.ByIssuer;
            }
        }

        return CrlTurn.ByAnother;
    }
}
