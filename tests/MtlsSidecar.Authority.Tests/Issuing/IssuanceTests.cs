using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Authority.Tests.Harness;

namespace MtlsSidecar.Authority.Tests.Issuing;

public sealed class IssuanceTests : LocalAuthorityTest
{
    [Fact]
    public async Task Certificate_EndsNoLaterThanItsIssuer()
    {
        var end = Authority.Issuer.Certificate.NotAfter;
        Authority.Clock.SetUtcNow(end.AddHours(-1));

        var web = await Authority.IssueAsync(lifetime: TimeSpan.FromDays(1));

        web.Issued.Record.NotAfter.Should().Be(end);
    }

    [Fact]
    public async Task IssuerThatHasEnded_IssuesNothing()
    {
        Authority.Clock.SetUtcNow(Authority.Issuer.Certificate.NotAfter);

        await FluentActions.Awaiting(() => Authority.IssueAsync()).Should().ThrowAsync<AuthorityException>().WithMessage("*ended*issuer add*");
    }
}
