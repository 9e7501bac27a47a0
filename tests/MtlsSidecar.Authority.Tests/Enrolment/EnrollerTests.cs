using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Authority.Enrolment;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Authority.Tests.Enrolment;

public sealed class EnrollerTests : LocalAuthorityTest
{
    [Fact]
    public async Task Token_DecidesTheIdentity_WhateverTheRequestsSubjectSays()
    {
        var token = await Authority.TokenAsync("web");

        var issued = await EnrolAsync(token, Requests.Create());

        issued.Identity.Should().Be("spiffe://foo.test/ns/default/sa/web");
        var accepted = await Authority.Validation.ValidateAsync(
            new PresentedChain(issued.Certificate, []), new PeerExpectation(CertificateUsage.Client, []), CancellationToken.None);
        accepted.Should().BeOfType<PeerValidation.Accepted>().Which.Peer.Identity.Name.Should().Be("spiffe://foo.test/ns/default/sa/web");
        (issued.NotAfter - issued.NotBefore).Should().Be(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData("spiffe://foo.test/ns/default/sa/admin", null)]
    [InlineData("spiffe://foo.test/ns/default/sa/web2", null)]
    [InlineData(null, "admin.foo.test")]
    public async Task ForeignNames_AreRefused_AndCostTheTokenNoUse(string? uri, string? dnsName)
    {
        var token = await Authority.TokenAsync("web");

        var refused = await RefusedAsync(token, Requests.Create(Requests.Names(uri, dnsName is null ? [] : [dnsName])));

        refused.Should().Be(EnrolmentRefusal.ForeignNames);
        await EnrolAsync(token, Requests.Create());
    }

    [Fact]
    public async Task NamesOfAnyOtherForm_AreRefused()
    {
        var token = await Authority.TokenAsync("web");

        var refused = await RefusedAsync(token, Requests.Create(request =>
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(System.Net.IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }));

        refused.Should().Be(EnrolmentRefusal.ForeignNames);
    }

    [Fact]
    public async Task OwnNames_AreNoHarm()
    {
        var issued = await EnrolAsync(await Authority.TokenAsync("web"), Requests.Create(Requests.Names("spiffe://foo.test/ns/default/sa/web")));

        issued.Identity.Should().Be("spiffe://foo.test/ns/default/sa/web");
        issued.DnsNames.Should().BeEmpty();
    }

    [Fact]
    public async Task RequestForAnAuthority_IsRefused()
    {
        var token = await Authority.TokenAsync();

        (await RefusedAsync(token, Requests.Create(request => request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true)))))
            .Should().Be(EnrolmentRefusal.AuthorityRequested);
    }

    [Fact]
    public async Task UsedToken_IsRefusedForAnotherKey()
    {
        var token = await Authority.TokenAsync();
        await EnrolAsync(token, Requests.Create());

        (await RefusedAsync(token, Requests.Create())).Should().Be(EnrolmentRefusal.UsedToken);
    }

    [Fact]
    public async Task SameTokenWithTheSameKey_GivesTheSameCertificate_ForTenMinutes()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var token = await Authority.TokenAsync(uses: 2);
        var first = await EnrolAsync(token, Requests.Create(key));

        Authority.Clock.Advance(TimeSpan.FromMinutes(9));
        (await EnrolAsync(token, Requests.Create(key))).Serial.Should().Be(first.Serial);

        Authority.Clock.Advance(TimeSpan.FromMinutes(2));
        (await EnrolAsync(token, Requests.Create(key))).Serial.Should().NotBe(first.Serial);
    }

    [Fact]
    public async Task ExpiredToken_IsRefused()
    {
        var token = await Authority.TokenAsync(valid: TimeSpan.FromHours(1));
        Authority.Clock.Advance(TimeSpan.FromHours(1));

        (await RefusedAsync(token, Requests.Create())).Should().Be(EnrolmentRefusal.ExpiredToken);
    }

    [Fact]
    public async Task TokenOfAnotherAuthority_IsRefused()
    {
        using var other = await LocalAuthority.CreateAsync();
        await Authority.TokenAsync();

        (await RefusedAsync(await other.TokenAsync(), Requests.Create())).Should().Be(EnrolmentRefusal.UnknownToken);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("guess")]
    public async Task NoToken_IsRefused(string? token)
    {
        await Authority.TokenAsync();

        (await RefusedAsync(token, Requests.Create())).Should().Be(EnrolmentRefusal.UnknownToken);
    }

    [Fact]
    public async Task TokenForTheServersOwnIdentity_IsRefused()
    {
        // No command makes one; a database of an earlier program may have one.
        var token = EnrolmentToken.Create();
        await Authority.Store.AddTokenAsync(new TokenGrant(EnrolmentToken.HashOf(token), "spiffe://foo.test/mtls-authority", [], Authority.Clock.GetUtcNow().AddHours(1), 1));

        (await RefusedAsync(token, Requests.Create())).Should().Be(EnrolmentRefusal.ForeignNames);
    }

    [Fact]
    public async Task Token_IsStoredAsItsHashOnly()
    {
        var token = await Authority.TokenAsync();

        Authority.Reopen();
        var everything = string.Concat(Directory.GetFiles(Authority.Data.Path, "authority.db*").Select(file => File.ReadAllText(file, System.Text.Encoding.Latin1)));

        everything.Should().NotContain(token);
    }

    [Fact]
    public async Task Renewal_KeepsTheIdentity_AndRefusesAnother()
    {
        var peer = await PeerOf(await Authority.IssueAsync("web"));

        (await Authority.Enroller.RenewAsync(peer, Requests.Create())).Should().BeOfType<EnrolmentResult.Issued>()
            .Which.Certificate.Identity.Should().Be("spiffe://foo.test/ns/default/sa/web");
        (await Authority.Enroller.RenewAsync(peer, Requests.Create(Requests.Names("spiffe://foo.test/ns/default/sa/admin"))))
            .Should().BeOfType<EnrolmentResult.Refused>().Which.Reason.Should().Be(EnrolmentRefusal.ForeignNames);
    }

    [Fact]
    public async Task CertificateRevokedSinceItsHolderWasJudged_IsNotRenewed()
    {
        var peer = await PeerOf(await Authority.IssueAsync("web"));
        await Authority.Store.RevokeAsync(Authority.Store.FindCertificates(SerialNumber.FromOctets(peer.Path.Leaf.SerialNumber.Span)).Single(), CrlReason.KeyCompromise);

        (await Authority.Enroller.RenewAsync(peer, Requests.Create())).Should().BeOfType<EnrolmentResult.Refused>()
            .Which.Reason.Should().Be(EnrolmentRefusal.CertificateRejected);
    }

    [Fact]
    public async Task ServersOwnCertificate_RenewsToNoWorkloads()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var server = await Authority.Issuance.IssueServerAsync(LocalAuthority.Subject("server"), [], new(key), TimeSpan.FromDays(1));
        var accepted = (PeerValidation.Accepted)await Authority.Validation.ValidateAsync(
            new PresentedChain(server.Record.Certificate, []), new PeerExpectation(CertificateUsage.Server, []), CancellationToken.None);

        (await Authority.Enroller.RenewAsync(accepted.Peer, Requests.Create())).Should().BeOfType<EnrolmentResult.Refused>()
            .Which.Reason.Should().Be(EnrolmentRefusal.CertificateRejected);
    }

    private async Task<ValidatedPeer> PeerOf(LocalWorkload workload)
        => ((PeerValidation.Accepted)await Authority.Validation.ValidateAsync(workload.Presented, PeerExpectation.AnyClient, CancellationToken.None)).Peer;

    private async Task<CertificateRecord> EnrolAsync(string token, byte[] request)
        => (await Authority.Enroller.EnrolAsync(token, request)).Should().BeOfType<EnrolmentResult.Issued>().Which.Certificate;

    private async Task<EnrolmentRefusal> RefusedAsync(string? token, byte[] request)
        => (await Authority.Enroller.EnrolAsync(token, request)).Should().BeOfType<EnrolmentResult.Refused>().Which.Reason;
}
