using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Tests.Paths;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Validation;

/// <summary>A peer whose path holds, as validators get it.</summary>
internal static class CandidateCase
{
    public static CandidatePeer Create(TestCertificate leaf, TestAuthority root)
    {
        var path = SearchCase.For(leaf, root).Run().Path ?? throw new InvalidOperationException("the path must hold");
        return new CandidatePeer(PresentedChain.From(leaf.Certificate, leaf.Intermediates), CertificateUsage.Client, PeerIdentity.None, path, DateTimeOffset.UtcNow);
    }
}
