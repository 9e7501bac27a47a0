using MtlsSidecar.Authority.Validation;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Authority.Hosting;

/// <summary>Who calls: the certificate of the handshake, judged anew for every request, so that a revocation cuts off at once.</summary>
internal sealed class CallerAuthentication(ChainValidation validation)
{
    /// <summary>Judges the caller of a request. Fails closed: no certificate is a refusal too.</summary>
    public async ValueTask<PeerValidation> AuthenticateAsync(HttpContext context)
        => context.Features.Get<TlsCaller>()?.Presented is { } presented
            ? await validation.ValidateAsync(presented, PeerExpectation.AnyClient, context.RequestAborted)
            : new PeerValidation.Rejected(new PeerRejection(RejectionReason.NoCertificate, "the caller presented no certificate"));
}
