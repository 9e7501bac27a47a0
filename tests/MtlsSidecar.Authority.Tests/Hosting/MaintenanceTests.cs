using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MtlsSidecar.Authority.Hosting;
using MtlsSidecar.Authority.Revocation.Ocsp;
using MtlsSidecar.Authority.Telemetry;
using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.Authority.Tests.Hosting;

public sealed class MaintenanceTests
{
    [Fact]
    public async Task OcspAnswerWhoseTimeIsHalfOver_IsSignedAnewByItself()
    {
        using var authority = await LocalAuthority.CreateAsync();
        using var signers = new OcspSigners(authority.Issuance, authority.Keys, authority.Clock);
        var responder = new OcspResponder(authority.Store, authority.Issuers, signers, authority.Options, authority.Clock);
        var audit = new AuditLog(Array.Empty<ILogger>());
        using var metrics = new AuthorityMetrics();
        using var maintenance = new Maintenance(
            (authority.Store, authority.Issuers, authority.Keys, authority.Crls),
            (new ServerIdentity(authority.Issuers, authority.Issuance, authority.Options, authority.Clock, audit), signers, responder),
            (audit, metrics),
            authority.Clock,
            NullLogger<Maintenance>.Instance);
        await maintenance.RunAtStartAsync();
        var question = OcspQuestion.About(await authority.IssueAsync());
        var first = responder.Answer(question);
        await maintenance.StartAsync(CancellationToken.None);

        authority.Clock.Advance(TimeSpan.FromMinutes(31));

        // No request signs as long as the first answer holds, so a later one is the background's. That sleeps for a second at a time, and may
        // have begun to only after the clock moved.
        await Eventually.HoldsAsync(
            () =>
            {
                authority.Clock.Advance(TimeSpan.FromSeconds(1));
                return responder.Answer(question).ThisUpdate > first.ThisUpdate;
            },
            "a new answer");
        authority.Clock.GetUtcNow().Should().BeBefore(first.NextUpdate);
        await maintenance.StopAsync(CancellationToken.None);
    }
}
