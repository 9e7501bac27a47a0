using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Trust.Revocation;

namespace MtlsSidecar.Authority.Validation;

/// <summary>
/// The authority's own knowledge of what is revoked, as a source for the same validator that sidecars use. It knows every certificate that
/// it issued: one that it doesn't know bears its signature by theft, and is refused.
/// </summary>
internal sealed class AuthorityRevocationSource(IAuthorityStore store, IssuerDirectory issuers, TimeSpan validity) : IRevocationSource
{
    /// <inheritdoc/>
    public long Generation => store.Generation;

    /// <inheritdoc/>
    public ValueTask<RevocationAnswer> CheckAsync(RevocationQuestion question, CancellationToken cancellationToken)
        => ValueTask.FromResult(Check(question));

    private RevocationAnswer Check(RevocationQuestion question)
    {
        if (issuers.Current.Find(question.Issuer) is not { } issuer)
        {
            return new RevocationAnswer(RevocationStatus.Unknown, "the issuer is none of ours", question.At);
        }

        return store.ReadStatus(issuer.Name, SerialNumber.FromOctets(question.Certificate.SerialNumber.Span)) switch
        {
            { IsKnown: false } => new RevocationAnswer(RevocationStatus.Unknown, "no such certificate was issued", question.At),
            { Revocation: { } revocation } => new RevocationAnswer(
                RevocationStatus.Revoked, $"revoked at {revocation.RevokedAt:u}: {CrlReasonText.NameOf(revocation.Reason)}", question.At + validity),
            _ => new RevocationAnswer(RevocationStatus.Good, "issued here and not revoked", question.At + validity),
        };
    }
}
