using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Authority.Hosting;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Authority.Enrolment;

/// <summary>
/// Decides who gets a certificate over the network. The identity is the token's or the old certificate's, whatever the request says; a
/// request that asks for more is refused rather than trimmed, so that a probe leaves a trace.
/// </summary>
internal sealed class Enroller(IAuthorityStore store, IssuerDirectory issuers, Issuance issuance, ServeOptions options)
{
    /// <summary>A first certificate, for a token.</summary>
    /// <param name="token">As presented; null when there is none.</param>
    /// <param name="requestDer">The PKCS#10 request.</param>
    public async Task<EnrolmentResult> EnrolAsync(string? token, ReadOnlyMemory<byte> requestDer)
    {
        if (token is null)
        {
            return new EnrolmentResult.Refused(EnrolmentRefusal.UnknownToken, "no token");
        }

        if (!CertificationRequest.TryRead(requestDer, out var request, out var error))
        {
            return new EnrolmentResult.Refused(EnrolmentRefusal.BadRequest, error);
        }

        EnrolmentResult.Refused? refused = null;
        var redemption = await RedeemAsync(token, request, refusal => refused = refusal);
        return redemption.Outcome switch
        {
            _ when refused is not null => refused,
            TokenOutcome.Issued => new EnrolmentResult.Issued(redemption.Certificate!),
            TokenOutcome.Repeated => new EnrolmentResult.Issued(redemption.Certificate!, IsRepeated: true),
            TokenOutcome.Expired => new EnrolmentResult.Refused(EnrolmentRefusal.ExpiredToken, "the token has expired"),
            TokenOutcome.UsedUp => new EnrolmentResult.Refused(EnrolmentRefusal.UsedToken, "the token is used up"),
            _ => new EnrolmentResult.Refused(EnrolmentRefusal.UnknownToken, "the token is not known here"),
        };
    }

    /// <summary>A further certificate, for one that is still good.</summary>
    /// <param name="peer">The holder of the old certificate, which the handshake proved and the validator accepted.</param>
    /// <param name="requestDer">The PKCS#10 request.</param>
    public async Task<EnrolmentResult> RenewAsync(ValidatedPeer peer, ReadOnlyMemory<byte> requestDer)
    {
        // A certificate of ours that is no workload's, such as that of the authority's server, is no way to get a workload's.
        var old = store.FindCertificates(SerialNumber.FromOctets(peer.Path.Leaf.SerialNumber.Span))
            .FirstOrDefault(known => known.Kind == CertificateKind.Workload && known.Certificate.AsSpan().SequenceEqual(peer.Path.Leaf.RawData.Span));
        if (old is null || !SpiffeId.TryParse(old.Identity, out var id))
        {
            return new EnrolmentResult.Refused(EnrolmentRefusal.CertificateRejected, "the old certificate is not a workload's of ours");
        }

        if (!CertificationRequest.TryRead(requestDer, out var request, out var error))
        {
            return new EnrolmentResult.Refused(EnrolmentRefusal.BadRequest, error);
        }

        var subject = new WorkloadSubject(id, old.DnsNames);
        if (Check(request, subject) is { } refused)
        {
            return refused;
        }

        return await issuance.RenewWorkloadAsync(old, subject, KeyOf(request), options.CertificateLifetime) is { } issued
            ? new EnrolmentResult.Issued(issued.Record)
            : new EnrolmentResult.Refused(EnrolmentRefusal.CertificateRejected, "the old certificate has been revoked");
    }

    private async Task<TokenRedemption> RedeemAsync(string token, CertificationRequest request, Action<EnrolmentResult.Refused> refuse)
    {
        try
        {
            return await store.RedeemTokenAsync(
                EnrolmentToken.HashOf(token), SHA256.HashData(request.SubjectPublicKeyInfo.Span), grant => Sign(grant, request));
        }
        catch (RequestRefusedException exception)
        {
            // Thrown out of the transaction, so that a request that asks for too much doesn't cost the token a use.
            refuse(exception.Refusal);
            return new TokenRedemption(TokenOutcome.Unknown);
        }
    }

    private CertificateRecord Sign(TokenGrant grant, CertificationRequest request)
    {
        if (!WorkloadSubject.TryCreate(grant.Identity, grant.DnsNames, issuers.Current.Settings.TrustDomain, out var subject, out var error))
        {
            throw new AuthorityException($"a token in the database names no subject of ours: {error}");
        }

        return Check(request, subject) is { } refused
            ? throw new RequestRefusedException(refused)
            : issuance.SignWorkload(subject, KeyOf(request), (options.CertificateLifetime, "token")).Record;
    }

    private static EnrolmentResult.Refused? Check(CertificationRequest request, WorkloadSubject subject)
    {
        if (request.AsksForAuthority)
        {
            return new EnrolmentResult.Refused(EnrolmentRefusal.AuthorityRequested, $"{subject.Id} asks for an authority's certificate");
        }

        if (subject.Id.ToString() == ServerIdentity.IdIn(subject.Id.TrustDomain))
        {
            // Commands refuse to make such a token; one of an earlier program, or a certificate that it gave, is no good any more.
            return new EnrolmentResult.Refused(EnrolmentRefusal.ForeignNames, $"{subject.Id} is the authority's own identity");
        }

        return request.Names.AreWithin(subject)
            ? null
            : new EnrolmentResult.Refused(EnrolmentRefusal.ForeignNames, $"{subject.Id} asks for names that are not its own");
    }

    private static PublicKey KeyOf(CertificationRequest request) => PublicKey.CreateFromSubjectPublicKeyInfo(request.SubjectPublicKeyInfo.Span, out _);

    private sealed class RequestRefusedException(EnrolmentResult.Refused refusal) : Exception(refusal.Detail)
    {
        public EnrolmentResult.Refused Refusal { get; } = refusal;
    }
}
