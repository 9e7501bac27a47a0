using MtlsSidecar.Authority.Enrolment;
using MtlsSidecar.Authority.Tests.Harness;

namespace MtlsSidecar.Authority.Tests.Commands;

public sealed class TokenTests : AuthorityProgramTest
{
    private const string Web = "spiffe://foo.test/ns/default/sa/web";
    private const string Orders = "spiffe://foo.test/ns/default/sa/orders";

    [Fact]
    public async Task List_ShowsTokensByTheirHashes_AndCancelWithdrawsOne()
    {
        var token = await TokenAsync(Web);
        await TokenAsync(Web, "--uses", "3");
        await TokenAsync(Orders);
        var hash = Convert.ToHexString(EnrolmentToken.HashOf(token))[..8];
        (await Program.RunWellAsync("token", "list")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().HaveCount(3)
            .And.ContainSingle(line => line.Contains(hash) && line.Contains("1 uses left") && line.Contains(Web));

        (await Program.RunWellAsync("token", "cancel", hash.ToLowerInvariant())).Should().Contain(Web);

        (await Program.RunWellAsync("token", "list")).Should().NotContain(hash).And.Contain("3 uses left").And.Contain(Orders);
    }

    [Fact]
    public async Task CancelOfAnIdentity_WithdrawsItsTokensAndNoOther()
    {
        await TokenAsync(Web);
        await TokenAsync(Web);
        await TokenAsync(Orders);

        (await Program.RunWellAsync("token", "cancel", Web)).Should().Contain("2 tokens");

        (await Program.RunWellAsync("token", "list")).Should().Contain(Orders).And.NotContain(Web);
        (await File.ReadAllTextAsync(Path.Combine(Program.Data, "audit.log"))).Should().Contain($"Withdrew 2 tokens of \\\"{Web}");
    }

    [Fact]
    public async Task CancelledToken_EnrolsNobody()
    {
        await using var authority = await AuthorityProcess.StartAsync(Program, ownsProgram: false, []);
        var request = await Csr.CreateAsync(Program);
        var token = await TokenAsync(Web);

        await Program.RunWellAsync("token", "cancel", Web);

        (await authority.EnrolAsync(token, request.RequestFile)).Status.Should().Be(401);
    }

    [Theory]
    [InlineData("spiffe://foo.test/ns/default/sa/nobody")]
    [InlineData("00000000")]
    [InlineData("")]
    [InlineData("%")]
    public async Task CancelOfNothing_IsWrongUsage_AndWithdrawsNothing(string what)
    {
        await TokenAsync(Web);

        (await Program.RunAsync("token", "cancel", what)).ExitCode.Should().Be(2);

        (await Program.RunWellAsync("token", "list")).Should().Contain(Web);
    }

    [Fact]
    public async Task OptionsBeforeASubcommand_AreWrongUsage_RatherThanIgnored()
    {
        using var other = await AuthorityProgram.InitAsync();
        await TokenAsync(Web);

        (await Program.RunAsync("token", "--data", other.Data, "cancel", Web)).ExitCode.Should().Be(2);

        (await Program.RunWellAsync("token", "list")).Should().Contain(Web);
    }

    [Fact]
    public async Task OutputFile_IsItsOwnersAlone_WhateverLayThere()
    {
        var file = Program.Write("web.token", "an old one");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        (await Program.RunWellAsync("token", "--id", Web, "--out", file)).Should().BeEmpty();

        File.GetUnixFileMode(file).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var hash = Convert.ToHexString(EnrolmentToken.HashOf((await File.ReadAllTextAsync(file)).Trim()))[..8];
        (await Program.RunWellAsync("token", "list")).Should().Contain(hash);
    }

    private async Task<string> TokenAsync(string id, params IReadOnlyList<string> arguments) => (await Program.RunWellAsync(["token", "--id", id, .. arguments])).Trim();
}
