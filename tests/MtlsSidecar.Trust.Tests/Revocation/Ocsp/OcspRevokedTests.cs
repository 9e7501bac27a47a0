using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Revocation.Ocsp;
using MtlsSidecar.Trust.Validation;
using MtlsSidecar.Trust.Tests.Validation;

namespace MtlsSidecar.Trust.Tests.Revocation.Ocsp;

/// <summary>A revocation that was once heard of isn't forgotten because the responder falls silent: whoever is revoked may see to that.</summary>
public sealed class OcspRevokedTests : OcspStoreHouse
{
    private static readonly TimeSpan BeyondTheAnswersEnd = TimeSpan.FromMinutes(21);

    [Fact]
    public async Task RevokedAnswer_CountsBeyondItsEnd()
    {
        await HearOfRevocationAsync();

        Clock.Advance(BeyondTheAnswersEnd);

        var answer = await CheckAsync();
        answer.Status.Should().Be(RevocationStatus.Revoked);
        answer.ValidUntil.Should().BeAfter(Clock.GetUtcNow());
    }

    [Fact]
    public async Task OlderCrl_DoesNotAdmitWhomTheResponderHasRevoked()
    {
        using var crls = new CrlStore(new CrlOptions(), Clock);
        crls.Load("crl", Root.CreateCrl([])).Should().BeNull();
        var validator = new LocalCertificateValidator(
            new RevocationPolicy(RevocationMode.Chain, UnknownStatusPolicy.Reject),
            RevocationSources.InOrder(RevocationOrder.OcspFirst, crls, crlFetcher: null, new OcspRevocationSource(Store)));
        await HearOfRevocationAsync();

        Clock.Advance(BeyondTheAnswersEnd);

        var verdict = await validator.ValidateAsync(CandidateCase.Create(Leaf, Root) with { At = Clock.GetUtcNow() }, CancellationToken.None);
        verdict.Should().BeOfType<CertificateVerdict.Rejected>().Which.Rejection.Reason.Should().Be(RejectionReason.Revoked);
    }

    [Fact]
    public async Task RevokedCertificateThatNobodyAsksFor_IsRememberedUntilItExpires()
    {
        await HearOfRevocationAsync();
        var start = Clock.GetUtcNow();
        await Eventually.HoldsAsync(
            () =>
            {
                Clock.Advance(TimeSpan.FromMinutes(6));
                return Clock.GetUtcNow() > start.AddHours(4);
            },
            "long out of use");

        (await StatusAsync()).Should().Be(RevocationStatus.Revoked);

        await Eventually.HoldsAsync(
            () =>
            {
                Clock.Advance(TimeSpan.FromDays(30));
                return Store.Count == 0;
            },
            "forgotten once it has expired");
    }

    [Fact]
    public async Task RevokedCertificates_AreTheLastToMakeRoom()
    {
        Use(new OcspFetchOptions { MaxCertificates = 3 });
        var revoked = Leaf;
        await HearOfRevocationAsync();

        (Script, Says) = (null, TestOcspStatus.Good);
        for (var number = 0; number < 6; number++)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            Leaf = Issue();
            (await StatusAsync()).Should().Be(RevocationStatus.Good);
        }

        var asked = Server.Requests.Count;
        (await StatusAsync(revoked)).Should().Be(RevocationStatus.Revoked);
        Store.Count.Should().Be(3);
        Server.Requests.Should().HaveCount(asked);
    }

    [Fact]
    public async Task ResponderThatNoLongerKnowsTheCertificate_TakesNothingBack()
    {
        await HearOfRevocationAsync();

        (Script, Says) = (null, TestOcspStatus.Unknown);
        await Store.RefreshAllAsync();

        Server.Requests.Should().HaveCount(2);
        (await StatusAsync()).Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public async Task NewerGoodAnswer_TakesTheRevocationBack()
    {
        await HearOfRevocationAsync();
        Clock.Advance(TimeSpan.FromSeconds(1));

        (Script, Says) = (null, TestOcspStatus.Good);
        await Store.RefreshAllAsync();

        (await StatusAsync()).Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public async Task CertificateOnHold_IsForgottenWithItsAnswer()
    {
        Validity = TimeSpan.FromMinutes(20);
        Says = TestOcspStatus.Revoked;
        Script = request =>
        {
            var entry = Entry(Leaf);
            return request.AnswerAsync((entry with { Entries = [entry.Entries[0] with { Reason = (int)CrlReason.CertificateHold }] }).Sign(Root));
        };
        (await StatusAsync()).Should().Be(RevocationStatus.Revoked);

        Script = request => request.RefuseAsync(503);
        Clock.Advance(BeyondTheAnswersEnd);

        (await StatusAsync()).Should().Be(RevocationStatus.Unknown);
    }

    /// <summary>The responder says once that the certificate is revoked, for twenty minutes, and then nothing any more.</summary>
    private async Task HearOfRevocationAsync()
    {
        (Validity, Says) = (TimeSpan.FromMinutes(20), TestOcspStatus.Revoked);
        (await StatusAsync()).Should().Be(RevocationStatus.Revoked);
        Script = request => request.RefuseAsync(503);
    }
}
