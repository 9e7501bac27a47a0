using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MtlsSidecar.Authority.Hosting;
using MtlsSidecar.Authority.Revocation.Ocsp;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Authority.Telemetry;
using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Authority.Tests.Hosting;

public sealed class MaintenanceTests : LocalAuthorityTest
{
    private readonly AuditLog _audit = new(Array.Empty<ILogger>());
    private readonly AuthorityMetrics _metrics = new();
    private OcspSigners _signers = null!;
    private OcspResponder _responder = null!;
    private ServerIdentity _identity = null!;
    private Maintenance _maintenance = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _signers = new OcspSigners(Authority.Issuance, Authority.Keys, Authority.Clock);
        _responder = new OcspResponder(Authority.Store, Authority.Issuers, _signers, Authority.Options, Authority.Clock);
        _identity = new ServerIdentity(Authority.Issuers, Authority.Issuance, Authority.Options, Authority.Clock, _audit);
        _maintenance = new Maintenance(
            (Authority.Store, Authority.Issuers, Authority.Keys, Authority.Crls),
            (_identity, _signers, _responder),
            (_audit, _metrics),
            Authority.Clock,
            NullLogger<Maintenance>.Instance);
    }

    public override async Task DisposeAsync()
    {
        await _maintenance.StopAsync(CancellationToken.None);
        _maintenance.Dispose();
        _signers.Dispose();
        _metrics.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task OcspAnswerWhoseTimeIsHalfOver_IsSignedAnewByItself()
    {
        await _maintenance.RunAtStartAsync();
        var question = OcspQuestion.About(await Authority.IssueAsync());
        var first = _responder.Answer(question);
        await _maintenance.StartAsync(CancellationToken.None);

        Authority.Clock.Advance(TimeSpan.FromMinutes(31));

        // No request signs as long as the first answer holds, so a later one is the background's.
        await HoldsWithTimeAsync(() => _responder.Answer(question).ThisUpdate > first.ThisUpdate, "a new answer");
        Authority.Clock.GetUtcNow().Should().BeBefore(first.NextUpdate);
    }

    [Fact]
    public async Task ScheduledCrl_IsSignedWhenItsIntervalIsOver_AndCountsForItsValidity()
    {
        await Authority.Store.WriteSettingsAsync(Authority.Store.ReadSettings() with { CrlInterval = TimeSpan.FromHours(1), CrlValidity = TimeSpan.FromHours(3) });
        await _maintenance.RunAtStartAsync();
        var first = Authority.Store.ReadPublishedCrl("issuing-1")!;
        await _maintenance.StartAsync(CancellationToken.None);

        Authority.Clock.Advance(TimeSpan.FromHours(1));
        await HoldsWithTimeAsync(() => Authority.Store.ReadPublishedCrl("issuing-1")!.Number > first.Number, "the next CRL");

        var next = Authority.Store.ReadPublishedCrl("issuing-1")!;
        next.IsBase.Should().BeTrue();
        (next.NextUpdate - next.MadeAt).Should().Be(TimeSpan.FromHours(3));
    }

    [Fact]
    public async Task ActiveIssuerRevoked_StillPublishesAndAnswers_AndItsSuccessorIsTakenUp()
    {
        var web = await Authority.IssueAsync();
        await Authority.Store.RevokeAsync(web.Issued.Record, CrlReason.KeyCompromise);
        await Authority.Store.RevokeAsync(Authority.Store.FindCertificates(SerialNumber.FromOctets(Authority.Issuer.Certificate.SerialNumber.Span)).Single(), CrlReason.CACompromise);

        await _maintenance.RunAtStartAsync();

        Authority.Store.IsCrlComplete("issuing-1").Should().BeTrue();
        Authority.Store.IsCrlComplete("root").Should().BeTrue();
        _responder.Answer(OcspQuestion.About(web)).Name.Should().Be("revoked");
        _identity.Context.Should().BeNull();
        _identity.Problem.Should().Contain("issuing-1 is revoked");

        await Authority.Factory.CreateIssuerAsync(Authority.Root, "issuing-2", isActive: false);
        await Authority.Store.ActivateIssuerAsync("issuing-2");
        await _maintenance.StartAsync(CancellationToken.None);
        await HoldsWithTimeAsync(() => _identity.Problem is null, "a certificate from the successor");
    }

    [Fact]
    public async Task ClockBehind_PublishesAllTheSame_AndWhatWasMadeAheadIsReplacedOnceItIsAccepted()
    {
        var now = Authority.Clock.GetUtcNow();
        var web = await Authority.IssueAsync(lifetime: TimeSpan.FromDays(400));
        Authority.Clock.SetUtcNow(now.AddDays(300));
        await _maintenance.RunAtStartAsync();
        var ahead = (Context: _identity.Context, Signer: _signers.Find("issuing-1"), Answer: _responder.Answer(OcspQuestion.About(web)));
        await Authority.Store.RevokeAsync((await Authority.IssueAsync()).Issued.Record, CrlReason.KeyCompromise);

        Authority.Clock.SetUtcNow(now);
        await _maintenance.RunAtStartAsync();
        Authority.Store.IsCrlComplete("issuing-1").Should().BeTrue();

        await Authority.Store.AcceptClockAsync();
        await _maintenance.StartAsync(CancellationToken.None);
        await HoldsWithTimeAsync(
            () => _identity.Context != ahead.Context && _signers.Find("issuing-1") != ahead.Signer && Authority.Store.ReadPublishedCrl("issuing-1")!.ThisUpdate <= now,
            "certificates and CRLs of the present");
        _responder.Answer(OcspQuestion.About(web)).ThisUpdate.Should().BeBefore(ahead.Answer.ThisUpdate);
    }

    /// <summary>A failure is tried again after half a minute: time goes on while the test waits.</summary>
    private Task HoldsWithTimeAsync(Func<bool> condition, string what) => Eventually.HoldsAsync(
        () =>
        {
            Authority.Clock.Advance(TimeSpan.FromSeconds(1));
            return condition();
        },
        what);
}
