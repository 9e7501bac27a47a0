using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Benchmarks.Micro;

/// <summary>A root, two intermediates, workloads below them, and the trust that a validator of ours puts in the root.</summary>
internal sealed class MicroPki : ITrustBundleSource, IDisposable
{
    private readonly TestAuthority _policy;

    public MicroPki()
    {
        _policy = Root.CreateIntermediate("Policy");
        Issuing = _policy.CreateIntermediate("Issuing");
        if (!ParsedCertificate.TryParse(Root.Certificate.RawData, out var root, out var error))
        {
            throw new InvalidOperationException(error);
        }

        Current = (new TrustBundleSet(new TrustBundle(TrustDomain.Parse("foo.test"), [root]), []), 1);
    }

    public TestAuthority Root { get; } = TestAuthority.CreateRoot();

    public TestAuthority Issuing { get; }

    public (TrustBundleSet Bundles, long Generation) Current { get; }

    /// <summary>A new workload below both intermediates.</summary>
    public TestCertificate Issue() => Issuing.Issue(new IssueOptions { Uris = ["spiffe://foo.test/web"] });

    /// <summary>A validator of ours without memory of earlier peers.</summary>
    public PeerValidator CreateValidator(ICertificateValidator inner) => new(this, inner, ValidationOptions.Workload, TimeProvider.System);

    /// <summary>The path of a workload, as the validator found it.</summary>
    public CandidatePeer Find(TestCertificate workload)
    {
        var seen = new AcceptingValidator();
        var verdict = CreateValidator(seen).ValidateAsync(Present(workload), PeerExpectation.AnyClient, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return seen.Last ?? throw new InvalidOperationException($"{verdict}");
    }

    public static PresentedChain Present(TestCertificate workload) => PresentedChain.From(workload.Certificate, workload.Intermediates);

    /// <summary>The same question to the platform, with the same trust and no revocation.</summary>
    public bool PlatformAccepts(X509Certificate2 leaf, IReadOnlyList<X509Certificate2> intermediates)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Root.Certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        foreach (var intermediate in intermediates)
        {
            chain.ChainPolicy.ExtraStore.Add(intermediate);
        }

        return chain.Build(leaf);
    }

    public void Dispose()
    {
        Root.Dispose();
        _policy.Dispose();
        Issuing.Dispose();
    }
}
