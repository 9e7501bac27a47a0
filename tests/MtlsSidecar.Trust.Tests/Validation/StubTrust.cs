using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Tests.Paths;

namespace MtlsSidecar.Trust.Tests.Validation;

/// <summary>Trust bundles that a test can change: <c>foo.test</c> is the own trust domain, <c>bar.test</c> may be federated.</summary>
internal sealed class StubTrust : ITrustBundleSource
{
    private long _generation;

    public StubTrust(TestAuthority own, TestAuthority? federated = null) => Replace(own, federated);

    public (TrustBundleSet Bundles, long Generation) Current { get; private set; }

    public void Replace(TestAuthority own, TestAuthority? federated = null)
        => Current = (new TrustBundleSet(Bundle("foo.test", own), federated is null ? [] : [Bundle("bar.test", federated)]), ++_generation);

    private static TrustBundle Bundle(string trustDomain, TestAuthority root) => new(TrustDomain.Parse(trustDomain), (IReadOnlyList<ParsedCertificate>)[SearchCase.Parse(root.Certificate)]);
}
