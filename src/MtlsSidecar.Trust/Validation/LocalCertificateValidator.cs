using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Revocation;

namespace MtlsSidecar.Trust.Validation;

/// <summary>The validator named <c>Local</c>: answers from CRLs and OCSP by the configured revocation policy.</summary>
public sealed class LocalCertificateValidator(RevocationPolicy policy, IReadOnlyList<IRevocationSource> sources) : ICertificateValidator
{
    /// <inheritdoc/>
    public string Name => "Local";

    /// <inheritdoc/>
    public long Generation => sources.Sum(source => source.Generation);

    /// <summary>
    /// Checks each certificate of the path that the mode covers. Fails closed: revoked refuses at once, unknown refuses unless the operator
    /// chose to accept it.
    /// </summary>
    public async ValueTask<CertificateVerdict> ValidateAsync(CandidatePeer candidate, CancellationToken cancellationToken)
    {
        var validUntil = DateTimeOffset.MaxValue;

        // A leaf that the operator put among the anchors needs nobody's word to be trusted, so an unknown status is no reason to refuse it.
        // That its issuer revoked it is, if that issuer is trusted as well.
        var (path, unknownIs) = candidate.Issuance is { } issuance ? (issuance, UnknownStatusPolicy.Accept) : (candidate.Path, policy.UnknownIs);
        var toCheck = policy.Mode switch
        {
            RevocationMode.Off => 0,
            RevocationMode.Leaf => Math.Min(1, path.Certificates.Count - 1),
            _ => path.Certificates.Count - 1,
        };

        // The issuer end first: what a revoked authority says about its own subjects counts for nothing. An unknown status doesn't end the
        // search: behind it a certificate may be known to be revoked, which open connections must hear of.
        CertificateVerdict.Rejected? unknown = null;
        for (var index = toCheck - 1; index >= 0; index--)
        {
            var answer = await CheckAsync(candidate, path, index, cancellationToken);
            switch (answer.Status)
            {
                case RevocationStatus.Revoked:
                    return Reject(RejectionReason.Revoked, answer, path, index);
                case RevocationStatus.Unknown when unknownIs == UnknownStatusPolicy.Reject:
                    unknown ??= Reject(RejectionReason.RevocationUnknown, answer, path, index);
                    break;
                case RevocationStatus.Unknown:
                    // Accepted for now, but not remembered: the next handshake asks again.
                    validUntil = candidate.At;
                    break;
                default:
                    validUntil = answer.ValidUntil < validUntil ? answer.ValidUntil : validUntil;
                    break;
            }
        }

        return unknown as CertificateVerdict ?? new CertificateVerdict.Accepted(validUntil);
    }

    private async ValueTask<RevocationAnswer> CheckAsync(CandidatePeer candidate, CertificationPath path, int index, CancellationToken cancellationToken)
    {
        var question = new RevocationQuestion(path, index, OthersOf(candidate), candidate.At);
        var details = new List<string>(sources.Count);
        var askAgainAt = DateTimeOffset.MaxValue;
        foreach (var source in sources)
        {
            var answer = await source.CheckAsync(question, cancellationToken);
            if (answer.Status != RevocationStatus.Unknown)
            {
                // A verdict that rests on the fallback must not make the preferred source forgotten.
                return answer with { ValidUntil = answer.ValidUntil < askAgainAt ? answer.ValidUntil : askAgainAt };
            }

            askAgainAt = answer.AskAgainAt < askAgainAt ? answer.AskAgainAt : askAgainAt;

            if (answer.Detail.Length > 0)
            {
                details.Add(answer.Detail);
            }
        }

        var detail = details.Count == 0 ? "no CRL or OCSP source is configured" : string.Join("; ", details);
        return new RevocationAnswer(RevocationStatus.Unknown, detail, candidate.At);
    }

    /// <summary>Known authorities first: how many certificates are tried as a CRL's signer is bounded, and a peer may present as many as it likes.</summary>
    private static IReadOnlyList<ReadOnlyMemory<byte>> OthersOf(CandidatePeer candidate) => candidate.KnownIssuers.Count == 0
        ? candidate.Presented.Others
        : [.. candidate.KnownIssuers.Select(issuer => issuer.RawData), .. candidate.Presented.Others];

    private static CertificateVerdict.Rejected Reject(RejectionReason reason, RevocationAnswer answer, CertificationPath path, int index)
        => new(new PeerRejection(reason, answer.Detail, answer.Rule, path.Certificates[index].SubjectText));
}
