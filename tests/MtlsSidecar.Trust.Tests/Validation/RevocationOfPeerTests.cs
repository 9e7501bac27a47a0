using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Tests.Paths;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Validation;

/// <summary>The whole validator with CRLs: what it hands to revocation besides the path.</summary>
public sealed class RevocationOfPeerTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly TestAuthority _issuing;
    private readonly TestCertificate _leaf;
    private readonly CrlStore _crls = new(new CrlOptions(), TimeProvider.System);

    public RevocationOfPeerTests()
    {
        _issuing = _root.CreateIntermediate("Issuing");
        _leaf = _issuing.Issue(new IssueOptions { Uris = ["spiffe://foo.test/web"] });
    }

    [Fact]
    public async Task KnownIssuer_MayHaveSignedTheCrl()
    {
        // The authority's next key, which the EST server named: it signs the CRLs, and no peer presents its certificate.
        using var next = _root.CreateIntermediate("Issuing");
        _crls.Load("next", new TestCrl { Entries = [TestCrlEntry.For(_leaf.Certificate)] }.Sign(next)).Should().BeNull();

        (await JudgeAsync([_root.Certificate], [], UnknownStatusPolicy.Accept)).Should().BeNull();
        (await JudgeAsync([_root.Certificate], [next.Certificate], UnknownStatusPolicy.Accept)).Should().Be(RejectionReason.Revoked);
    }

    [Fact]
    public async Task RevokedLeafThatIsItselfAnAnchor_IsRefusedIfItsIssuerIsTrustedToo()
    {
        _crls.Load("issuing", new TestCrl { Entries = [TestCrlEntry.For(_leaf.Certificate)] }.Sign(_issuing)).Should().BeNull();

        (await JudgeAsync([_leaf.Certificate, _root.Certificate], [], UnknownStatusPolicy.Reject)).Should().Be(RejectionReason.Revoked);
        (await JudgeAsync([_leaf.Certificate, _issuing.Certificate], [], UnknownStatusPolicy.Reject)).Should().Be(RejectionReason.Revoked);
    }

    [Fact]
    public async Task LeafThatIsItselfAnAnchor_NeedsNobodysWord()
    {
        (await JudgeAsync([_leaf.Certificate, _root.Certificate], [], UnknownStatusPolicy.Reject)).Should().BeNull();

        // Whoever issued it is not trusted here, and can't take back what the operator has decided.
        _crls.Load("issuing", new TestCrl { Entries = [TestCrlEntry.For(_leaf.Certificate)] }.Sign(_issuing)).Should().BeNull();
        (await JudgeAsync([_leaf.Certificate], [], UnknownStatusPolicy.Reject)).Should().BeNull();
    }

    [Fact]
    public async Task RevocationSwitchedOff_LooksAtNoIssuerOfAnAnchorEither()
    {
        _crls.Load("issuing", new TestCrl { Entries = [TestCrlEntry.For(_leaf.Certificate)] }.Sign(_issuing)).Should().BeNull();

        (await JudgeAsync([_leaf.Certificate, _root.Certificate], [], UnknownStatusPolicy.Reject, RevocationMode.Off)).Should().BeNull();
    }

    public void Dispose()
    {
        _crls.Dispose();
        _leaf.Dispose();
        _issuing.Dispose();
        _root.Dispose();
    }

    private async Task<RejectionReason?> JudgeAsync(
        X509Certificate2[] anchors, X509Certificate2[] known, UnknownStatusPolicy unknownIs, RevocationMode mode = RevocationMode.Chain)
    {
        IReadOnlyList<ParsedCertificate> issuers = [.. known.Select(SearchCase.Parse)];
        var local = new LocalCertificateValidator(new RevocationPolicy(mode, unknownIs), [new CrlRevocationSource(_crls)]);
        var validator = new PeerValidator(new AnchorSource([.. anchors.Select(SearchCase.Parse)]), local, ValidationOptions.Workload, TimeProvider.System)
        {
            KnownIssuers = () => issuers,
        };
        var verdict = await validator.ValidateAsync(PresentedChain.From(_leaf.Certificate, _leaf.Intermediates), PeerExpectation.AnyClient, default);
        return (verdict as PeerValidation.Rejected)?.Rejection.Reason;
    }
}
