using MtlsSidecar.Authority.Tests.Harness;

namespace MtlsSidecar.Authority.Tests.Commands;

public sealed class IssuerTests : AuthorityProgramTest
{
    [Theory]
    [InlineData("issuing-9")]
    [InlineData("root")]
    [InlineData("ISSUING-1")]
    [InlineData("../keys/issuing-1")]
    [InlineData("./issuing-1")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    public async Task NameThatIsNoIssuingAuthoritys_IsWrongUsage_AndChangesNothing(string name)
    {
        (await Program.RunAsync("issuer", "use", name)).ExitCode.Should().Be(2);

        (await IssuerOfAsync("web")).Should().Be("issuing-1");
    }

    [Fact]
    public async Task StandbyIssuer_IssuesOnlyWhenChosen()
    {
        await Program.RunWellAsync("issuer", "add", "--standby");
        (await IssuerOfAsync("before")).Should().Be("issuing-1");

        await Program.RunWellAsync("issuer", "use", "issuing-2");

        (await IssuerOfAsync("after")).Should().Be("issuing-2");
    }

    [Fact]
    public async Task RevokedIssuer_IsNotChosenAgain()
    {
        var first = (await Program.ListAsync()).Single(certificate => certificate.Kind == "Issuer");
        await Program.RunWellAsync("issuer", "add");
        await Program.RunWellAsync("revoke", first.Serial, "--authority");

        (await Program.RunAsync("issuer", "use", "issuing-1")).Error.Should().Contain("revoked");

        (await IssuerOfAsync("web")).Should().Be("issuing-2");
    }

    private async Task<string> IssuerOfAsync(string name)
    {
        await Program.IssueAsync(name);
        return (await Program.ListAsync())[0].Issuer;
    }
}
