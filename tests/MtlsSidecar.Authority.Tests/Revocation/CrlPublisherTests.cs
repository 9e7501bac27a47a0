using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Authority.Tests.Revocation;

public sealed class CrlPublisherTests : IAsyncLifetime
{
    private LocalAuthority _authority = null!;

    public async Task InitializeAsync()
    {
        _authority = await LocalAuthority.CreateAsync();
        await _authority.Crls.PublishScheduledAsync(_authority.Issuer);
    }

    public Task DisposeAsync()
    {
        _authority.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Numbers_GrowAcrossRestarts()
    {
        var first = await _authority.Crls.PublishScheduledAsync(_authority.Issuer);
        _authority.Reopen();
        var second = await _authority.Crls.PublishScheduledAsync(_authority.Issuer);

        second.Number.Should().BeGreaterThan(first.Number);
        (await PublishedNumberAsync()).Should().Be(second.Number);
    }

    [Fact]
    public async Task NumberOfAFailedCrl_IsNotGivenAgain()
    {
        var lost = await _authority.Store.PlanCrlAsync("issuing-1", isScheduled: false, TimeSpan.FromDays(1));

        (await _authority.Crls.PublishScheduledAsync(_authority.Issuer)).Number.Should().BeGreaterThan(lost.Next.Number);
    }

    [Fact]
    public async Task RevokedCertificate_LeavesTheCrl_OnlyAfterAScheduledOneSignedPastItsEnd()
    {
        var web = await _authority.IssueAsync(lifetime: TimeSpan.FromHours(1));
        await _authority.Store.RevokeAsync(web.Issued.Record, CrlReason.KeyCompromise);
        await _authority.Crls.PublishRevocationsAsync(_authority.Issuer);
        (await IsListedAsync(web)).Should().BeTrue();

        _authority.Clock.Advance(TimeSpan.FromHours(2));
        await _authority.Crls.PublishScheduledAsync(_authority.Issuer);
        (await IsListedAsync(web)).Should().BeTrue("RFC 5280 §3.3 wants it on one CRL issued after its end");

        _authority.Clock.Advance(TimeSpan.FromHours(2));
        await _authority.Crls.PublishScheduledAsync(_authority.Issuer);
        (await IsListedAsync(web)).Should().BeFalse();
    }

    [Fact]
    public async Task DeltaCrl_ListsWhatChangedSinceTheLastScheduledOne()
    {
        var early = await _authority.IssueAsync("early");
        await _authority.Store.RevokeAsync(early.Issued.Record, CrlReason.KeyCompromise);
        var scheduled = await _authority.Crls.PublishScheduledAsync(_authority.Issuer);
        var late = await _authority.IssueAsync("late");
        await _authority.Store.RevokeAsync(late.Issued.Record, CrlReason.Superseded);
        var latest = (await _authority.Crls.PublishRevocationsAsync(_authority.Issuer))!;

        var delta = await TextAsync(_authority.Data.DeltaCrlFile("issuing-1"));
        var full = await TextAsync(_authority.Data.CrlFile("issuing-1"));

        delta.Should().Contain(late.Issued.Record.Serial.ToString()).And.NotContain(early.Issued.Record.Serial.ToString());
        full.Should().Contain(late.Issued.Record.Serial.ToString()).And.Contain(early.Issued.Record.Serial.ToString());
        delta.Should().MatchRegex($@"Delta CRL Indicator: critical\s+{scheduled.Number}\s").And.MatchRegex($@"CRL Number:\s+{latest.Number}\s");
        full.Should().Contain("Freshest CRL").And.Contain("http://127.0.0.1:8480/crl/issuing-1-delta.crl");
    }

    [Fact]
    public async Task ClockMovedBack_DoesNotMoveThisUpdateBack()
    {
        var before = await _authority.Crls.PublishScheduledAsync(_authority.Issuer);
        _authority.Clock.SetUtcNow(_authority.Clock.GetUtcNow().AddDays(-3));

        var after = await _authority.Crls.PublishScheduledAsync(_authority.Issuer);

        after.ThisUpdate.Should().BeOnOrAfter(before.ThisUpdate);
        after.Number.Should().BeGreaterThan(before.Number);
    }

    [Theory]
    [InlineData(".entries")]
    [InlineData(".new")]
    public async Task FullDisk_KeepsTheOldCrlPublished_AndTheNextAttemptSucceeds(string stage)
    {
        var web = await _authority.IssueAsync();
        await _authority.Store.RevokeAsync(web.Issued.Record, CrlReason.KeyCompromise);
        var before = File.ReadAllBytes(_authority.Data.CrlFile("issuing-1"));

        // A disk that is full to the first octet.
        File.CreateSymbolicLink(_authority.Data.CrlFile("issuing-1") + stage, "/dev/full");
        await FluentActions.Awaiting(() => _authority.Crls.PublishRevocationsAsync(_authority.Issuer)).Should().ThrowAsync<AuthorityException>().WithMessage("*stays published*");

        File.ReadAllBytes(_authority.Data.CrlFile("issuing-1")).Should().Equal(before);
        _authority.Store.IsCrlComplete("issuing-1").Should().BeFalse();

        await _authority.Crls.PublishRevocationsAsync(_authority.Issuer);
        (await IsListedAsync(web)).Should().BeTrue();
        _authority.Store.IsCrlComplete("issuing-1").Should().BeTrue();
    }

    [Fact]
    public async Task ScheduledCrl_IsDueAfterADay()
    {
        _authority.Crls.IsDue(_authority.Issuer).Should().BeFalse();

        _authority.Clock.Advance(TimeSpan.FromDays(1));

        _authority.Crls.IsDue(_authority.Issuer).Should().BeTrue();
        await _authority.Crls.PublishScheduledAsync(_authority.Issuer);
        _authority.Crls.IsDue(_authority.Issuer).Should().BeFalse();
    }

    [Fact]
    public async Task RevocationsThatAnotherProcessPublished_AreNotPublishedTwice()
    {
        var web = await _authority.IssueAsync();
        await _authority.Store.RevokeAsync(web.Issued.Record, CrlReason.KeyCompromise);

        (await _authority.Crls.PublishRevocationsAsync(_authority.Issuer)).Should().NotBeNull();
        (await _authority.Crls.PublishRevocationsAsync(_authority.Issuer)).Should().BeNull();
    }

    private async Task<bool> IsListedAsync(LocalWorkload workload)
        => (await TextAsync(_authority.Data.CrlFile("issuing-1"))).Contains(workload.Issued.Record.Serial.ToString(), StringComparison.Ordinal);

    private async Task<long> PublishedNumberAsync()
    {
        CertificateRevocationListBuilder.Load(await File.ReadAllBytesAsync(_authority.Data.CrlFile("issuing-1")), out var number);
        return (long)number;
    }

    private static async Task<string> TextAsync(string file)
        => (await OpenSsl.RunAsync("crl", "-inform", "DER", "-in", file, "-noout", "-text")).Output;
}
