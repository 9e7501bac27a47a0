using MtlsSidecar.Authority.Hosting;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Authority.Validation;

/// <summary>
/// The verdict on a chain, for callers and for the validation endpoint: the validator of the sidecars (path, profile, identity) under our
/// root, with our own knowledge of what is revoked.
/// </summary>
internal sealed class ChainValidation(IAuthorityStore store, IssuerDirectory issuers, ServeOptions options, TimeProvider timeProvider)
{
    private readonly PeerValidator _validator = new(
        new AuthorityTrust(issuers.Current),
        new LocalCertificateValidator(
            new RevocationPolicy(RevocationMode.Chain, UnknownStatusPolicy.Reject),
            [new AuthorityRevocationSource(store, issuers, options.ValidationValidity)]),
        ValidationOptions.Workload,
        timeProvider);

    /// <summary>Judges a chain. Our own issuers are known to us: a peer need not send their certificates.</summary>
    public ValueTask<PeerValidation> ValidateAsync(PresentedChain presented, PeerExpectation expectation, CancellationToken cancellationToken)
    {
        // Ours first: however much a caller sends along, they are among those that are looked at.
        var known = issuers.Current.Issuing.Select(issuer => issuer.Certificate.RawData);
        return _validator.ValidateAsync(new PresentedChain(presented.Leaf, [.. known, .. presented.Others]), expectation, cancellationToken);
    }

    private sealed class AuthorityTrust(IssuerSet set) : ITrustBundleSource
    {
        private readonly TrustBundleSet _bundles = new(new TrustBundle(set.Settings.TrustDomain, [set.Root.Certificate]), []);

        /// <summary>The root never changes: a new one is a new authority.</summary>
        public (TrustBundleSet Bundles, long Generation) Current => (_bundles, 0);
    }
}
