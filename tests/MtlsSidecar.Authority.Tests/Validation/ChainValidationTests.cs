using System.Security.Cryptography;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Authority.Tests.Validation;

public sealed class ChainValidationTests : LocalAuthorityTest
{
    [Fact]
    public async Task GoodCertificate_IsAccepted_ForAsLongAsToldAtMost()
    {
        var web = await Authority.IssueAsync();

        var verdict = await ValidateAsync(web.Presented);

        verdict.Should().BeOfType<PeerValidation.Accepted>().Which.Peer.ValidUntil.Should().Be(Authority.Clock.GetUtcNow() + Authority.Options.ValidationValidity);
    }

    [Fact]
    public async Task RevokedCertificate_IsRejected_ThoughTheSameWasJustAccepted()
    {
        var validation = Authority.Validation;
        var web = await Authority.IssueAsync();
        (await validation.ValidateAsync(web.Presented, PeerExpectation.AnyClient, CancellationToken.None)).Should().BeOfType<PeerValidation.Accepted>();

        await Authority.Store.RevokeAsync(web.Issued.Record, CrlReason.KeyCompromise);

        (await validation.ValidateAsync(web.Presented, PeerExpectation.AnyClient, CancellationToken.None))
            .Should().BeOfType<PeerValidation.Rejected>().Which.Rejection.Reason.Should().Be(RejectionReason.Revoked);
    }

    [Fact]
    public async Task CertificateOfARevokedIssuer_IsRejected()
    {
        var web = await Authority.IssueAsync();
        var issuer = Authority.Store.FindCertificates(SerialNumber.FromOctets(Authority.Issuer.Certificate.SerialNumber.Span)).Single();

        await Authority.Store.RevokeAsync(issuer, CrlReason.CACompromise);

        (await ReasonAsync(web.Presented)).Should().Be(RejectionReason.Revoked);
    }

    [Fact]
    public async Task ExpiredCertificate_IsRejected()
    {
        var web = await Authority.IssueAsync(lifetime: TimeSpan.FromHours(1));
        Authority.Clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));

        (await ReasonAsync(web.Presented)).Should().Be(RejectionReason.Expired);
    }

    [Fact]
    public async Task CertificateThatWasNeverRecorded_IsRejected()
    {
        // What a thief of the issuer's key would make.
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var forged = Authority.Issuance.SignWorkload(LocalAuthority.Subject("admin"), new(key), (TimeSpan.FromHours(1), "theft"));

        (await ReasonAsync(new PresentedChain(forged.Record.Certificate, []))).Should().Be(RejectionReason.RevocationUnknown);
    }

    [Fact]
    public async Task CertificateOfAnotherAuthority_IsRejected()
    {
        using var other = await LocalAuthority.CreateAsync();

        (await ReasonAsync((await other.IssueAsync()).Presented)).Should().BeOneOf(RejectionReason.UntrustedAnchor, RejectionReason.BadSignature);
    }

    [Fact]
    public async Task CertificatesOfTwoIssuers_AreBothAccepted_AndRevocableEach()
    {
        var old = await Authority.IssueAsync("web");
        await Authority.Factory.CreateIssuerAsync(Authority.Root, "issuing-2", isActive: true);
        var young = await Authority.IssueAsync("web");

        young.Issued.Issuer.Name.Should().Be("issuing-2");
        (await ValidateAsync(old.Presented)).Should().BeOfType<PeerValidation.Accepted>();
        (await ValidateAsync(young.Presented)).Should().BeOfType<PeerValidation.Accepted>();

        await Authority.Store.RevokeAsync(old.Issued.Record, CrlReason.Superseded);
        (await ReasonAsync(old.Presented)).Should().Be(RejectionReason.Revoked);
        (await ValidateAsync(young.Presented)).Should().BeOfType<PeerValidation.Accepted>();
    }

    [Fact]
    public async Task AuthorityBelowAnIssuer_VouchesForNobody()
    {
        // What a thief of the issuer's key would make, to go on issuing after its end.
        var (now, addresses) = (Authority.Clock.GetUtcNow(), new PublicAddresses(new Uri("http://127.0.0.1:8480")));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var below = Authority.Keys.Open(Authority.Issuer).Sign(
            CertificateProfiles.Issuer(TrustDomain.Parse("foo.test"), "below", new(key), (Authority.Issuer.Certificate, addresses)), (now, now.AddDays(1)), SerialNumber.Create());
        ParsedCertificate.TryParse(below.RawData, out var parsed, out _).Should().BeTrue();
        using var authority = new SigningAuthority("below", parsed!, key);
        using var leaf = authority.Sign(CertificateProfiles.Workload(LocalAuthority.Subject(), new(leafKey), (authority, addresses)), (now, now.AddHours(1)), SerialNumber.Create());

        (await ReasonAsync(new PresentedChain(leaf.RawData, [below.RawData]))).Should().Be(RejectionReason.PathTooLong);
    }

    [Fact]
    public async Task PeerThatSendsMoreThanIsLookedAt_HasOurIssuersLookedAtAllTheSame()
    {
        var web = await Authority.IssueAsync();
        var crowd = await Task.WhenAll(Enumerable.Range(0, PresentedChain.MaxCertificates).Select(_ => Authority.IssueAsync("crowd")));

        var verdict = await ValidateAsync(new PresentedChain(web.Issued.Record.Certificate, [.. crowd.Select(other => (ReadOnlyMemory<byte>)other.Issued.Record.Certificate)]));

        verdict.Should().BeOfType<PeerValidation.Accepted>();
    }

    [Fact]
    public async Task OcspRespondersCertificate_IsNoWorkloads()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var responder = await Authority.Issuance.IssueOcspResponderAsync(Authority.Issuer, new(key), TimeSpan.FromDays(1));

        (await ValidateAsync(new PresentedChain(responder.Record.Certificate, []))).Should().BeOfType<PeerValidation.Rejected>();
    }

    private ValueTask<PeerValidation> ValidateAsync(PresentedChain chain)
        => Authority.Validation.ValidateAsync(chain, new PeerExpectation(CertificateUsage.Client, []), CancellationToken.None);

    private async Task<RejectionReason> ReasonAsync(PresentedChain chain)
        => (await ValidateAsync(chain)).Should().BeOfType<PeerValidation.Rejected>().Which.Rejection.Reason;
}
