using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Paths;

/// <summary>
/// Keeps, of all dead ends of a search, the one that tells an operator most: a broken rule before a signature that doesn't fit (which is
/// often only an issuer of the same name), that before an unknown issuer, and nearer to the anchor before farther.
/// </summary>
internal sealed class RejectionRanking
{
    private (int Kind, int Depth) _rank = (-1, 0);

    /// <summary>The most telling one so far.</summary>
    public PeerRejection Best { get; private set; } = new(RejectionReason.UntrustedAnchor, "no path leads to a trust anchor", "RFC 5280 §6.1");

    /// <summary>Notes a dead end.</summary>
    /// <param name="rejection">Why it ends.</param>
    /// <param name="depth">After how many certificates.</param>
    public void Note(PeerRejection rejection, int depth)
    {
        var kind = rejection.Reason switch
        {
            RejectionReason.UntrustedAnchor => 0,
            RejectionReason.BadSignature => 1,
            _ => 2,
        };
        if ((kind, depth).CompareTo(_rank) > 0)
        {
            _rank = (kind, depth);
            Best = rejection;
        }
    }

    /// <summary>Notes that nobody is known who could have issued a certificate.</summary>
    public void NoteUnknownIssuer(ParsedCertificate certificate, int depth)
    {
        var detail = certificate.IsSelfIssued
            ? "self-signed and not a trust anchor"
            : $"its issuer {certificate.IssuerText} is neither presented nor a trust anchor";
        Note(new PeerRejection(RejectionReason.UntrustedAnchor, detail, "RFC 5280 §6.1", certificate.SubjectText), depth);
    }
}
