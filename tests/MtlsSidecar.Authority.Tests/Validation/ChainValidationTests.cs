using System.Security.Cryptography;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Authority.Tests.Validation;

public sealed class ChainValidationTests : IAsyncLifetime
{
    private LocalAuthority _authority = null!;

    public async Task InitializeAsync() => _authority = await LocalAuthority.CreateAsync();

    public Task DisposeAsync()
    {
        _authority.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task GoodCertificate_IsAccepted_ForAsLongAsToldAtMost()
    {
        var web = await _authority.IssueAsync();

        var verdict = await ValidateAsync(web.Presented);

        verdict.Should().BeOfType<PeerValidation.Accepted>().Which.Peer.ValidUntil.Should().Be(_authority.Clock.GetUtcNow() + _authority.Options.ValidationValidity);
    }

    [Fact]
    public async Task RevokedCertificate_IsRejected_ThoughTheSameWasJustAccepted()
    {
        var validation = _authority.Validation;
        var web = await _authority.IssueAsync();
        (await validation.ValidateAsync(web.Presented, PeerExpectation.AnyClient, CancellationToken.None)).Should().BeOfType<PeerValidation.Accepted>();

        await _authority.Store.RevokeAsync(web.Issued.Record, CrlReason.KeyCompromise);

        (await validation.ValidateAsync(web.Presented, PeerExpectation.AnyClient, CancellationToken.None))
            .Should().BeOfType<PeerValidation.Rejected>().Which.Rejection.Reason.Should().Be(RejectionReason.Revoked);
    }

    [Fact]
    public async Task CertificateOfARevokedIssuer_IsRejected()
    {
        var web = await _authority.IssueAsync();
        var issuer = _authority.Store.FindCertificates(SerialNumber.FromOctets(_authority.Issuer.Certificate.SerialNumber.Span)).Single();

        await _authority.Store.RevokeAsync(issuer, CrlReason.CACompromise);

        (await ReasonAsync(web.Presented)).Should().Be(RejectionReason.Revoked);
    }

    [Fact]
    public async Task ExpiredCertificate_IsRejected()
    {
        var web = await _authority.IssueAsync(lifetime: TimeSpan.FromHours(1));
        _authority.Clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));

        (await ReasonAsync(web.Presented)).Should().Be(RejectionReason.Expired);
    }

    [Fact]
    public async Task CertificateThatWasNeverRecorded_IsRejected()
    {
        // What a thief of the issuer's key would make.
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var forged = _authority.Issuance.SignWorkload(LocalAuthority.Subject("admin"), new(key), (TimeSpan.FromHours(1), "theft"));

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
        var old = await _authority.IssueAsync("web");
        await _authority.Factory.CreateIssuerAsync(_authority.Root, "issuing-2", isActive: true);
        var young = await _authority.IssueAsync("web");

        young.Issued.Issuer.Name.Should().Be("issuing-2");
        (await ValidateAsync(old.Presented)).Should().BeOfType<PeerValidation.Accepted>();
        (await ValidateAsync(young.Presented)).Should().BeOfType<PeerValidation.Accepted>();

        await _authority.Store.RevokeAsync(old.Issued.Record, CrlReason.Superseded);
        (await ReasonAsync(old.Presented)).Should().Be(RejectionReason.Revoked);
        (await ValidateAsync(young.Presented)).Should().BeOfType<PeerValidation.Accepted>();
    }

    [Fact]
    public async Task OcspRespondersCertificate_IsNoWorkloads()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var responder = await _authority.Issuance.IssueOcspResponderAsync(_authority.Issuer, new(key), TimeSpan.FromDays(1));

        (await ValidateAsync(new PresentedChain(responder.Record.Certificate, []))).Should().BeOfType<PeerValidation.Rejected>();
    }

    private ValueTask<PeerValidation> ValidateAsync(PresentedChain chain)
        => _authority.Validation.ValidateAsync(chain, new PeerExpectation(CertificateUsage.Client, []), CancellationToken.None);

    private async Task<RejectionReason> ReasonAsync(PresentedChain chain)
        => (await ValidateAsync(chain)).Should().BeOfType<PeerValidation.Rejected>().Which.Rejection.Reason;
}
