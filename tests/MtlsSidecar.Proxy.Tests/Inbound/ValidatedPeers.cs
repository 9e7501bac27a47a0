using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Tests.Inbound;

/// <summary>Proofs that a certificate was validated; only the real validator makes them, so it is asked.</summary>
internal static class ValidatedPeers
{
    public static async Task<ValidatedPeer> ValidateAsync(TestAuthority root, TestCertificate certificate)
    {
        ParsedCertificate.TryParse(root.Certificate.RawDataMemory, out var anchor, out _).Should().BeTrue();
        var bundles = new TrustBundleSet(new TrustBundle(TrustDomain.Parse("foo.test"), [anchor!]), []);
        var revocation = new LocalCertificateValidator(new RevocationPolicy(RevocationMode.Off, UnknownStatusPolicy.Reject), []);
        var validator = new PeerValidator(new FixedBundles(bundles), revocation, ValidationOptions.Workload, TimeProvider.System);
        var outcome = await validator.ValidateAsync(
            PresentedChain.From(certificate.Certificate, certificate.Intermediates), PeerExpectation.AnyClient, CancellationToken.None);
        return outcome.Should().BeOfType<PeerValidation.Accepted>().Subject.Peer;
    }

    private sealed class FixedBundles(TrustBundleSet bundles) : ITrustBundleSource
    {
        public (TrustBundleSet Bundles, long Generation) Current => (bundles, 1);
    }
}
