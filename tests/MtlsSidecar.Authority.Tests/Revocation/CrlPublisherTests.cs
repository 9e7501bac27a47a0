using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Authority.Hosting;
using MtlsSidecar.Authority.Revocation;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Authority.Tests.Revocation;

public sealed class CrlPublisherTests : LocalAuthorityTest
{
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Authority.Crls.PublishScheduledAsync(Authority.Issuer);
    }

    [Fact]
    public async Task Numbers_GrowAcrossRestarts()
    {
        var first = await Authority.Crls.PublishScheduledAsync(Authority.Issuer);
        Authority.Reopen();
        var second = await Authority.Crls.PublishScheduledAsync(Authority.Issuer);

        second.Number.Should().BeGreaterThan(first.Number);
        (await PublishedNumberAsync()).Should().Be(second.Number);
    }

    [Fact]
    public async Task NumberOfAFailedCrl_IsNotGivenAgain()
    {
        var lost = await Authority.Store.PlanCrlAsync("issuing-1", isScheduled: false, TimeSpan.FromDays(1));

        (await Authority.Crls.PublishScheduledAsync(Authority.Issuer)).Number.Should().BeGreaterThan(lost.Next.Number);
    }

    [Theory]
    [InlineData(nameof(IAuthorityStore.ReadCrlEntries))]
    [InlineData(nameof(IAuthorityStore.MarkPublishedAsync))]
    public async Task DeathWhilePublishing_LosesNoRevocation_AndGivesNoNumberTwice(string deadlyCall)
    {
        var web = await Authority.IssueAsync();
        await Authority.Store.RevokeAsync(web.Issued.Record, CrlReason.KeyCompromise);
        var dying = new CrlPublisher(Authority.Data, DyingStore.Create(Authority.Store, deadlyCall), Authority.Keys, Authority.Clock);
        await FluentActions.Awaiting(() => dying.PublishRevocationsAsync(Authority.Issuer)).Should().ThrowAsync<DyingStore.DeathException>();
        var published = await PublishedNumberAsync();

        Authority.Reopen();
        var next = (await Authority.Crls.PublishRevocationsAsync(Authority.Issuer))!;

        next.Number.Should().BeGreaterThan(published);
        (await PublishedNumberAsync()).Should().Be(next.Number);
        (await IsListedAsync(web)).Should().BeTrue();
    }

    [Fact]
    public async Task RevokedCertificate_LeavesTheCrl_OnlyAfterAScheduledOneSignedPastItsEnd()
    {
        var web = await Authority.IssueAsync(lifetime: TimeSpan.FromHours(1));
        await Authority.Store.RevokeAsync(web.Issued.Record, CrlReason.KeyCompromise);
        await Authority.Crls.PublishRevocationsAsync(Authority.Issuer);
        (await IsListedAsync(web)).Should().BeTrue();

        Authority.Clock.Advance(TimeSpan.FromHours(2));
        await Authority.Crls.PublishScheduledAsync(Authority.Issuer);
        (await IsListedAsync(web)).Should().BeTrue("RFC 5280 §3.3 wants it on one CRL issued after its end");

        Authority.Clock.Advance(TimeSpan.FromHours(2));
        await Authority.Crls.PublishScheduledAsync(Authority.Issuer);
        (await IsListedAsync(web)).Should().BeFalse();
    }

    [Fact]
    public async Task DeltaCrl_ListsWhatChangedSinceTheLastScheduledOne()
    {
        var early = await Authority.IssueAsync("early");
        await Authority.Store.RevokeAsync(early.Issued.Record, CrlReason.KeyCompromise);
        var scheduled = await Authority.Crls.PublishScheduledAsync(Authority.Issuer);
        var late = await Authority.IssueAsync("late");
        await Authority.Store.RevokeAsync(late.Issued.Record, CrlReason.Superseded);
        var latest = (await Authority.Crls.PublishRevocationsAsync(Authority.Issuer))!;

        var delta = await TextAsync(Authority.Data.DeltaCrlFile("issuing-1"));
        var full = await TextAsync(Authority.Data.CrlFile("issuing-1"));

        delta.Should().Contain(late.Issued.Record.Serial.ToString()).And.NotContain(early.Issued.Record.Serial.ToString());
        full.Should().Contain(late.Issued.Record.Serial.ToString()).And.Contain(early.Issued.Record.Serial.ToString());
        delta.Should().MatchRegex($@"Delta CRL Indicator: critical\s+{scheduled.Number}\s").And.MatchRegex($@"CRL Number:\s+{latest.Number}\s");
        full.Should().Contain("Freshest CRL").And.Contain("http://127.0.0.1:8480/crl/issuing-1-delta.crl");
    }

    [Fact]
    public async Task HoldThatBecomesFinalBetweenPlanAndRead_StaysListed()
    {
        var web = await Authority.IssueAsync();
        await Authority.Store.RevokeAsync(web.Issued.Record, CrlReason.CertificateHold);
        await Authority.Crls.PublishScheduledAsync(Authority.Issuer);
        var plan = await Authority.Store.PlanCrlAsync("issuing-1", isScheduled: true, TimeSpan.FromDays(1));

        await Authority.Store.RevokeAsync(web.Issued.Record, CrlReason.KeyCompromise);

        var entry = Authority.Store.ReadCrlEntries(plan).Should().ContainSingle().Which;
        entry.IsInFull.Should().BeTrue();
        entry.Reason.Should().Be(CrlReason.KeyCompromise);
        await Authority.Store.MarkPublishedAsync(plan.Next);
        Authority.Store.IsCrlComplete("issuing-1").Should().BeFalse("it was planned before the change, and the next one has it for certain");
    }

    [Fact]
    public async Task Crl_IsDatedAMinuteBack_AndCountsFromItsMakingOn()
    {
        var crl = await Authority.Crls.PublishScheduledAsync(Authority.Issuer);

        crl.ThisUpdate.Should().Be(Authority.Clock.GetUtcNow().AddSeconds(-60));
        crl.NextUpdate.Should().Be(Authority.Clock.GetUtcNow().AddDays(2));
    }

    [Fact]
    public async Task ClockMovedBack_DoesNotMoveThisUpdateBack_AndMakesNothingDue()
    {
        var before = await Authority.Crls.PublishScheduledAsync(Authority.Issuer);
        Authority.Clock.SetUtcNow(Authority.Clock.GetUtcNow().AddDays(-3));

        var after = await Authority.Crls.PublishScheduledAsync(Authority.Issuer);

        after.ThisUpdate.Should().BeOnOrAfter(before.ThisUpdate);
        after.Number.Should().BeGreaterThan(before.Number);
        Authority.Crls.IsDue(Authority.Issuer).Should().BeFalse("it would be signed again and again");
    }

    [Fact]
    public async Task ClockSetBackALittleAndAccepted_DoesNotMoveThisUpdateBack()
    {
        var before = await Authority.Crls.PublishScheduledAsync(Authority.Issuer);
        Authority.Clock.SetUtcNow(Authority.Clock.GetUtcNow().AddSeconds(-30));
        await Authority.Store.AcceptClockAsync();

        var after = await Authority.Crls.PublishScheduledAsync(Authority.Issuer);

        // An older thisUpdate under a greater number: who goes by time would keep the CRL before.
        after.ThisUpdate.Should().Be(before.ThisUpdate);
        after.NextUpdate.Should().Be(Authority.Clock.GetUtcNow().AddDays(2));
    }

    [Fact]
    public async Task ClockThatRanAheadAndIsAccepted_BringsCrlsBackToThePresent_WithAllThatIsRevoked()
    {
        var now = Authority.Clock.GetUtcNow();
        var web = await Authority.IssueAsync(lifetime: TimeSpan.FromDays(30));
        await Authority.Store.RevokeAsync(web.Issued.Record, CrlReason.KeyCompromise);
        Authority.Clock.SetUtcNow(now.AddDays(365));
        await Authority.Crls.PublishScheduledAsync(Authority.Issuer);
        var ahead = await Authority.Crls.PublishScheduledAsync(Authority.Issuer);
        (await IsListedAsync(web)).Should().BeFalse("by that clock it has long ended");

        Authority.Clock.SetUtcNow(now);
        ReadinessReasons().Should().Contain(reason => reason.Contains("still to come"));
        await Authority.Store.AcceptClockAsync();
        Authority.Crls.IsDue(Authority.Issuer).Should().BeTrue();
        var after = await Authority.Crls.PublishScheduledAsync(Authority.Issuer);

        after.ThisUpdate.Should().Be(now.AddSeconds(-60));
        after.NextUpdate.Should().Be(now.AddDays(2));
        after.Number.Should().BeGreaterThan(ahead.Number);
        (await IsListedAsync(web)).Should().BeTrue();
        (await TextAsync(Authority.Data.DeltaCrlFile("issuing-1"))).Should().MatchRegex($@"Delta CRL Indicator: critical\s+{after.Number}\s", "the CRL from the future is nothing to refer to");
        Authority.Crls.IsDue(Authority.Issuer).Should().BeFalse();
        ReadinessReasons().Should().NotContain(reason => reason.Contains("issuing-1"));
    }

    [Theory]
    [InlineData(".entries")]
    [InlineData(".new")]
    public async Task FullDisk_KeepsTheOldCrlPublished_AndTheNextAttemptSucceeds(string stage)
    {
        var web = await Authority.IssueAsync();
        await Authority.Store.RevokeAsync(web.Issued.Record, CrlReason.KeyCompromise);
        var before = File.ReadAllBytes(Authority.Data.CrlFile("issuing-1"));

        // A disk that is full to the first octet.
        File.CreateSymbolicLink(Authority.Data.CrlFile("issuing-1") + stage, "/dev/full");
        await FluentActions.Awaiting(() => Authority.Crls.PublishRevocationsAsync(Authority.Issuer)).Should().ThrowAsync<AuthorityException>().WithMessage("*stays published*");

        File.ReadAllBytes(Authority.Data.CrlFile("issuing-1")).Should().Equal(before);
        Authority.Store.IsCrlComplete("issuing-1").Should().BeFalse();
        ReadinessReasons().Should().Contain(reason => reason.Contains("lacks the latest revocation"));

        await Authority.Crls.PublishRevocationsAsync(Authority.Issuer);
        (await IsListedAsync(web)).Should().BeTrue();
        Authority.Store.IsCrlComplete("issuing-1").Should().BeTrue();
        ReadinessReasons().Should().NotContain(reason => reason.Contains("issuing-1"));
    }

    [Fact]
    public async Task ScheduledCrl_IsDueAfterADay()
    {
        Authority.Crls.IsDue(Authority.Issuer).Should().BeFalse();

        Authority.Clock.Advance(TimeSpan.FromDays(1));

        Authority.Crls.IsDue(Authority.Issuer).Should().BeTrue();
        await Authority.Crls.PublishScheduledAsync(Authority.Issuer);
        Authority.Crls.IsDue(Authority.Issuer).Should().BeFalse();
    }

    [Fact]
    public async Task ScheduledCrl_IsDueAtHalfOfItsValidity_HoweverLongTheInterval()
    {
        await Authority.Store.WriteSettingsAsync(Authority.Store.ReadSettings() with { CrlInterval = TimeSpan.FromHours(23), CrlValidity = TimeSpan.FromHours(24) });
        await Authority.Crls.PublishScheduledAsync(Authority.Issuer);
        Authority.Clock.Advance(TimeSpan.FromHours(12) - TimeSpan.FromSeconds(1));
        Authority.Crls.IsDue(Authority.Issuer).Should().BeFalse();

        Authority.Clock.Advance(TimeSpan.FromSeconds(1));

        Authority.Crls.IsDue(Authority.Issuer).Should().BeTrue("an hour would be all that is left to get it to everybody");
    }

    [Theory]
    [InlineData("issuing-1.crl")]
    [InlineData("issuing-1-delta.crl")]
    public void CrlWhoseFileIsGone_IsDue(string file)
    {
        Authority.Crls.IsDue(Authority.Issuer).Should().BeFalse();

        File.Delete(Path.Combine(Authority.Data.PublishedDirectory, file));

        Authority.Crls.IsDue(Authority.Issuer).Should().BeTrue();
    }

    [Fact]
    public async Task CrlThatAnotherProcessIsPublishing_IsWaitedFor()
    {
        var before = await PublishedNumberAsync();
        Task<CrlRecord> publishing;
        using (FileLock.TryAcquire(Authority.Data.PublicationLockFile))
        {
            publishing = Authority.Crls.PublishScheduledAsync(Authority.Issuer);

            publishing.IsCompleted.Should().BeFalse();
            (await PublishedNumberAsync()).Should().Be(before);
        }

        Authority.Clock.AdvanceToNextTimer();
        (await publishing).Number.Should().BeGreaterThan(before);
    }

    [Fact]
    public async Task RevocationsThatAnotherProcessPublished_AreNotPublishedTwice()
    {
        var web = await Authority.IssueAsync();
        await Authority.Store.RevokeAsync(web.Issued.Record, CrlReason.KeyCompromise);

        (await Authority.Crls.PublishRevocationsAsync(Authority.Issuer)).Should().NotBeNull();
        (await Authority.Crls.PublishRevocationsAsync(Authority.Issuer)).Should().BeNull();
    }

    private IReadOnlyList<string> ReadinessReasons() => new Readiness(Authority.Data, Authority.Store, Authority.Issuers, Authority.Clock).Reasons();

    private async Task<bool> IsListedAsync(LocalWorkload workload)
        => (await TextAsync(Authority.Data.CrlFile("issuing-1"))).Contains(workload.Issued.Record.Serial.ToString(), StringComparison.Ordinal);

    private async Task<long> PublishedNumberAsync()
    {
        CertificateRevocationListBuilder.Load(await File.ReadAllBytesAsync(Authority.Data.CrlFile("issuing-1")), out var number);
        return (long)number;
    }

    private static async Task<string> TextAsync(string file)
        => (await OpenSsl.RunAsync("crl", "-inform", "DER", "-in", file, "-noout", "-text")).Output;
}
