using MtlsSidecar.Authority.Revocation.Ocsp;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Authority.Tests.Revocation.Ocsp;

/// <summary>When answers are signed, on a clock that the tests hold. An answer that was not signed for a request is older than the request.</summary>
public sealed class OcspResponderTests : LocalAuthorityTest
{
    /// <summary>Past the half of an answer's hour.</summary>
    private static readonly TimeSpan OverHalf = TimeSpan.FromMinutes(31);

    private OcspSigners _signers = null!;
    private OcspResponder _responder = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _signers = new OcspSigners(Authority.Issuance, Authority.Keys, Authority.Clock);
        await _signers.RenewIfDueAsync(Authority.Issuer);
        _responder = new OcspResponder(Authority.Store, Authority.Issuers, _signers, Authority.Options, Authority.Clock);
    }

    public override Task DisposeAsync()
    {
        _signers.Dispose();
        return base.DisposeAsync();
    }

    [Fact]
    public async Task AnswerWhoseTimeIsHalfOver_IsServedOn_AndNoRequestWaitsForASignature()
    {
        var question = OcspQuestion.About(await Authority.IssueAsync());
        var first = _responder.Answer(question);
        first.Name.Should().Be("good");

        Authority.Clock.Advance(OverHalf);

        _responder.Answer(question).Should().BeSameAs(first);
    }

    [Fact]
    public async Task AnswerWhoseTimeIsHalfOver_IsSignedAnewInTheBackground_AgainAndAgain()
    {
        var question = OcspQuestion.About(await Authority.IssueAsync());
        _responder.Answer(question);

        for (var i = 0; i < 10; i++)
        {
            _responder.RefreshAnswers().Should().Be(0, "nothing is due yet");
            Authority.Clock.Advance(OverHalf);
            var signedAt = Authority.Clock.GetUtcNow();
            _responder.RefreshAnswers().Should().Be(1);
            Authority.Clock.Advance(TimeSpan.FromMinutes(1));

            _responder.Answer(question).ThisUpdate.Should().Be(signedAt);
        }
    }

    [Fact]
    public async Task EndedAnswer_IsNotServed_ThoughNobodySignedItAnew()
    {
        var question = OcspQuestion.About(await Authority.IssueAsync());
        _responder.Answer(question);

        Authority.Clock.Advance(TimeSpan.FromHours(1));

        _responder.Answer(question).ThisUpdate.Should().Be(Authority.Clock.GetUtcNow());
    }

    [Fact]
    public async Task RevocationByAnotherProcess_IsToldAtOnce_AndCostsTheOthersNoSignature()
    {
        using var other = Authority.Data.OpenStore(Authority.Clock);
        var (bad, good) = (await Authority.IssueAsync("bad"), await Authority.IssueAsync("good"));
        _responder.Answer(OcspQuestion.About(bad)).Name.Should().Be("good");
        var before = _responder.Answer(OcspQuestion.About(good));

        await other.RevokeAsync(bad.Issued.Record, CrlReason.KeyCompromise);

        _responder.Answer(OcspQuestion.About(bad)).Name.Should().Be("revoked");
        _responder.Answer(OcspQuestion.About(good)).Should().BeSameAs(before);
    }

    [Fact]
    public async Task RevocationBeforeTheBackgroundSigns_IsInWhatItSigns()
    {
        var web = await Authority.IssueAsync();
        _responder.Answer(OcspQuestion.About(web));
        Authority.Clock.Advance(OverHalf);
        await Authority.Store.RevokeAsync(web.Issued.Record, CrlReason.KeyCompromise);
        var signedAt = Authority.Clock.GetUtcNow();

        _responder.RefreshAnswers().Should().Be(1);

        Authority.Clock.Advance(TimeSpan.FromMinutes(1));
        var answer = _responder.Answer(OcspQuestion.About(web));
        answer.Name.Should().Be("revoked");
        answer.ThisUpdate.Should().Be(signedAt);
    }

    [Fact]
    public async Task AnswerAboutAnEndedCertificate_IsNotSignedAnew()
    {
        var web = await Authority.IssueAsync(lifetime: TimeSpan.FromMinutes(20));
        _responder.Answer(OcspQuestion.About(web));

        Authority.Clock.Advance(OverHalf);

        _responder.RefreshAnswers().Should().Be(0);
    }

    [Fact]
    public async Task FullMemory_KeepsWhatItHas_AndAnswersAboutOthersAllTheSame()
    {
        var responder = new OcspResponder(Authority.Store, Authority.Issuers, _signers, Authority.Options with { OcspCacheCapacity = 1 }, Authority.Clock);
        var (first, second) = (OcspQuestion.About(await Authority.IssueAsync("first")), OcspQuestion.About(await Authority.IssueAsync("second")));
        var kept = responder.Answer(first);

        responder.Answer(second).Name.Should().Be("good");

        responder.Answer(second).Should().NotBeSameAs(responder.Answer(second));
        responder.Answer(first).Should().BeSameAs(kept);
    }

    [Fact]
    public async Task NumbersThatWereNeverGiven_TakeNoRoomInMemory()
    {
        var responder = new OcspResponder(Authority.Store, Authority.Issuers, _signers, Authority.Options with { OcspCacheCapacity = 1 }, Authority.Clock);
        var web = await Authority.IssueAsync();
        var invented = web with { Issued = web.Issued with { Record = web.Issued.Record with { Serial = SerialNumber.Create() } } };

        responder.Answer(OcspQuestion.About(invented)).Name.Should().Be("unknown");

        var first = responder.Answer(OcspQuestion.About(web));
        responder.Answer(OcspQuestion.About(web)).Should().BeSameAs(first);
    }

    [Fact]
    public async Task AnswerSignedWhileTheClockRanAhead_IsNotServedOnceItIsRight()
    {
        var question = OcspQuestion.About(await Authority.IssueAsync());
        var now = Authority.Clock.GetUtcNow();
        Authority.Clock.SetUtcNow(now.AddHours(12));
        _responder.Answer(question);

        Authority.Clock.SetUtcNow(now);

        _responder.Answer(question).ThisUpdate.Should().Be(now);
    }

    [Fact]
    public async Task Answer_EndsNoLaterThanTheCertificateOfItsSigner()
    {
        var responder = new OcspResponder(Authority.Store, Authority.Issuers, _signers, Authority.Options with { OcspValidity = TimeSpan.FromDays(30) }, Authority.Clock);

        var answer = responder.Answer(OcspQuestion.About(await Authority.IssueAsync()));

        answer.NextUpdate.Should().Be(_signers.Find("issuing-1")!.Issued.Record.NotAfter);
    }
}
