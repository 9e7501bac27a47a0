using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Trust.Validation;

/// <summary>
/// The one way by which a presented chain becomes a <see cref="ValidatedPeer"/>, for inbound and outbound connections alike. Stops at the
/// first refusal: parse → leaf profile → identity → bundle of that trust domain → path (RFC 5280 §6, algorithm floor) → certificate
/// validators (revocation, certification authority) → expected identity.
/// </summary>
public sealed class PeerValidator(ITrustBundleSource trust, ICertificateValidator validator, ValidationOptions options, TimeProvider timeProvider)
{
    private const int CacheCapacity = 10_000;
    private readonly VerdictCache _cache = new(CacheCapacity);
    private readonly KnownIntermediates _known = new();

    /// <summary>
    /// Certificates of issuers that are known beside those a peer presents, asked for at each judgement; none by default. They are judged
    /// like presented ones: a path may lead through them, and never ends at them. The same list is given as long as nothing has changed: no
    /// verdict is remembered beyond it.
    /// </summary>
    public Func<IReadOnlyList<ParsedCertificate>> KnownIssuers { get; init; } = static () => [];

    /// <summary>Changes whenever a verdict given earlier may no longer hold: trust, revocation, a validator or the known issuers have changed.</summary>
    public (long Trust, long Validators, IReadOnlyList<ParsedCertificate> KnownIssuers) Generation
        => (trust.Current.Generation, validator.Generation, KnownIssuers());

    /// <summary>
    /// Validates a peer. Fails closed: whatever can't be decided, for a defect of ours or because the deadline in
    /// <paramref name="cancellationToken"/> passed, is a refusal.
    /// </summary>
    public async ValueTask<PeerValidation> ValidateAsync(PresentedChain presented, PeerExpectation expectation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(presented);
        ArgumentNullException.ThrowIfNull(expectation);

        // Generations are read before judging: a change that happens meanwhile makes the remembered verdict unreachable, never stale.
        var (bundles, trustGeneration) = trust.Current;
        var key = new VerdictCache.Key(
            presented.LeafFingerprint, presented.Fingerprint, expectation.Usage, trustGeneration, validator.Generation, KnownIssuers());
        var now = timeProvider.GetUtcNow();
        if (!_cache.TryGet(key, now, out var verdict))
        {
            try
            {
                verdict = await JudgeAsync(presented, (expectation.Usage, bundles, key.KnownIssuers), now, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Only validators wait for anybody.
                return Rejected(ValidationStep.Validators, RejectionReason.DeadlineExceeded, "no verdict within the handshake's deadline");
            }
            catch (Exception exception)
            {
                // Fails closed: a defect of ours or of a validator must neither admit a peer nor take the listener down.
                return Rejected(ValidationStep.Validators, PeerRejection.ForFailure("validation failed", exception));
            }

            if (verdict is PeerValidation.Accepted { Peer.ValidUntil: var validUntil } && validUntil > now)
            {
                _cache.Add(key, verdict, validUntil);
            }
        }

        // Outside the cache, on every use: who is welcome here is this connection's question, not the certificate's.
        return verdict is PeerValidation.Accepted { Peer.Identity: var identity } && !expectation.IsMetBy(identity)
            ? Rejected(ValidationStep.Expectation, RejectionReason.IdentityMismatch, $"peer is {identity}, expected {string.Join(" or ", expectation.Identities)}")
            : verdict;
    }

    private async ValueTask<PeerValidation> JudgeAsync(
        PresentedChain presented,
        (CertificateUsage Usage, TrustBundleSet Bundles, IReadOnlyList<ParsedCertificate> KnownIssuers) inputs,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var (usage, bundles, knownIssuers) = inputs;

        // 1. Parse.
        if (!ParsedCertificate.TryParse(presented.Leaf, out var leaf, out var error))
        {
            return Rejected(ValidationStep.Reading, RejectionReason.Malformed, error);
        }

        if (!leaf.TryReadContent(out _, out error))
        {
            return Rejected(ValidationStep.Reading, new PeerRejection(RejectionReason.Malformed, error, "RFC 5280 §4", leaf.SubjectText));
        }

        // 2. Leaf profile and identity.
        PeerIdentity? identity;
        if (options.Profile == ValidationProfile.Rfc5280)
        {
            identity = PeerIdentityReader.ReadLenient(leaf);
        }
        else if (LeafProfile.Check(leaf, usage) is { } broken)
        {
            return Rejected(ValidationStep.Profile, broken);
        }
        else if (!PeerIdentityReader.TryRead(leaf, out identity, out var rejection))
        {
            return Rejected(ValidationStep.Identity, rejection);
        }

        // 3. The bundle of that trust domain, and no other.
        if (bundles.For(identity.SpiffeId) is not { } bundle)
        {
            return Rejected(ValidationStep.Path, RejectionReason.UntrustedAnchor, $"trust domain {identity.SpiffeId?.TrustDomain} is neither our own nor federated");
        }

        if (bundle != bundles.Own)
        {
            // A federated authority may not speak for host names: they belong to the own trust domain.
            identity = identity with { DnsNames = [], IpAddresses = [] };
        }

        // 4. A path to an anchor of it, and the validators' word on that path. A path refused for a revoked intermediate may have a twin; the
        // search's own bound on whole paths ends the tries.
        var pathOptions = options.Path with { Usage = usage };
        ParsedCertificate[] others = [.. Parse(presented.Others), .. knownIssuers];
        var search = new PathSearch(leaf, others, bundle.Anchors, pathOptions, now);
        PeerRejection? refusal = null;
        while (search.TryNext(out var path))
        {
            var candidate = new CandidatePeer(presented, usage, identity, path, now)
            {
                KnownIssuers = knownIssuers,
                Issuance = path.Certificates.Count == 1 ? FindIssuance(leaf, others, bundle, pathOptions, now) : null,
            };
            switch (await validator.ValidateAsync(candidate, cancellationToken))
            {
                case CertificateVerdict.Accepted accepted:
                    _known.Remember(path);
                    var validUntil = accepted.ValidUntil < path.NotAfter ? accepted.ValidUntil : path.NotAfter;
                    return new PeerValidation.Accepted(new ValidatedPeer(presented, usage, identity, path, validUntil));
                case CertificateVerdict.Rejected rejected:
                    refusal = RejectionReasons.Outrank(refusal, rejected.Rejection);
                    break;
            }
        }

        return refusal is null ? Rejected(ValidationStep.Path, search.Rejection) : Rejected(ValidationStep.Validators, refusal);
    }

    /// <summary>The path of a leaf that is itself an anchor to another one.</summary>
    private static CertificationPath? FindIssuance(
        ParsedCertificate leaf, IReadOnlyList<ParsedCertificate> others, TrustBundle bundle, PathOptions pathOptions, DateTimeOffset now)
    {
        var anchors = bundle.Anchors.Where(anchor => !anchor.RawData.Span.SequenceEqual(leaf.RawData.Span)).ToList();
        return new PathSearch(leaf, others, anchors, pathOptions, now).TryNext(out var path) ? path : null;
    }

    /// <summary>What can't be read among the other certificates can't be part of a path; it is left out, not held against the peer.</summary>
    private List<ParsedCertificate> Parse(IReadOnlyList<ReadOnlyMemory<byte>> certificates)
    {
        var parsed = new List<ParsedCertificate>(certificates.Count);
        foreach (var rawData in certificates.Take(options.MaxCertificates))
        {
            if (_known.TryFind(rawData, out var certificate) || ParsedCertificate.TryParse(rawData, out certificate, out _))
            {
                parsed.Add(certificate);
            }
        }

        return parsed;
    }

    private static PeerValidation.Rejected Rejected(ValidationStep step, RejectionReason reason, string detail) => Rejected(step, new PeerRejection(reason, detail));

    private static PeerValidation.Rejected Rejected(ValidationStep step, PeerRejection rejection) => new(rejection with { Step = step });
}
