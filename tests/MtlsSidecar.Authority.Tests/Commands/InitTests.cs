using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.Authority.Tests.Commands;

public sealed class InitTests
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task NewAuthority_KeepsItsSecretsToItsOwner()
    {
        using var program = await AuthorityProgram.InitAsync();

        foreach (var secret in new[] { "keys/root.key", "keys/issuing-1.key", "authority.db" })
        {
            File.GetUnixFileMode(Path.Combine(program.Data, secret)).Should().Be(Private, secret);
        }

        File.GetUnixFileMode(program.Data).Should().Be(Private | UnixFileMode.UserExecute);
        File.ReadAllText(Path.Combine(program.Data, "keys/root.key")).Should().StartWith("-----BEGIN PRIVATE KEY-----");
    }

    [Fact]
    public async Task ExistingAuthority_IsNeverOverwritten()
    {
        using var program = await AuthorityProgram.InitAsync();
        var before = File.ReadAllText(program.Bundle);

        var again = await program.RunAsync("init");

        again.ExitCode.Should().Be(1);
        again.Error.Should().Contain("never overwritten");
        File.ReadAllText(program.Bundle).Should().Be(before);
    }

    [Fact]
    public async Task KilledHalfway_LeavesNothingThatLooksLikeAnAuthority()
    {
        using var program = new AuthorityProgram();
        await using (var init = ChildProcess.Start(program.Start("init") with { Input = "" }))
        {
            await Eventually.HoldsAsync(() => Directory.GetDirectories(program.WorkingDirectory).Length > 0, "something on the disk");
            init.Signal(ProcessSignal.Kill);
        }

        if (Directory.Exists(program.Data))
        {
            await program.RunWellAsync("check");
        }
        else
        {
            await program.RunWellAsync("init");
        }
    }

    [Fact]
    public async Task ExistingRootKeyFile_IsNeverOverwritten_AndNothingIsLeftBehind()
    {
        using var program = new AuthorityProgram();
        var key = program.Write("safe.key", "another key");

        var result = await program.RunAsync("init", "--root-key", key);

        result.ExitCode.Should().Be(1);
        File.ReadAllText(key).Should().Be("another key");
        Directory.GetFileSystemEntries(program.WorkingDirectory).Should().Equal(key);
    }

    [Fact]
    public async Task Passphrase_EncryptsTheKeys_AndIsNeededFromThenOn()
    {
        using var program = new AuthorityProgram();
        var right = program.Write("right", "correct horse battery\n");
        var wrong = program.Write("wrong", "incorrect horse battery\n");
        await program.RunWellAsync("init", "--passphrase-file", right);

        File.ReadAllText(Path.Combine(program.Data, "keys/issuing-1.key")).Should().StartWith("-----BEGIN ENCRYPTED PRIVATE KEY-----");
        (await program.RunAsync(Issue("a"))).Error.Should().Contain("--passphrase-file");
        (await program.RunAsync(Issue("b", wrong))).Should().Match<ProcessResult>(result => result.ExitCode == 1 && result.Error.Contains("wrong"));
        (await program.RunAsync(Issue("c", right))).ExitCode.Should().Be(0);

        string[] Issue(string name, string? passphrase = null) =>
            ["issue", "--id", "spiffe://foo.test/a", "--out", program[name], .. passphrase is null ? Array.Empty<string>() : ["--passphrase-file", passphrase]];
    }

    [Theory]
    [InlineData("short")]
    [InlineData("")]
    [InlineData("\nonly the first line counts")]
    public async Task PassphraseThatProtectsNothing_IsRefused_AndNothingIsMade(string text)
    {
        using var program = new AuthorityProgram();

        var result = await program.RunAsync("init", "--passphrase-file", program.Write("passphrase", text));

        result.ExitCode.Should().Be(1);
        result.Error.Should().Contain("less than 8 characters");
        Directory.Exists(program.Data).Should().BeFalse();
    }

    [Fact]
    public async Task RootKeyElsewhere_IsNeededOnlyForWhatTheRootSigns()
    {
        using var program = new AuthorityProgram();
        await program.RunWellAsync("init", "--root-key", program["safe.key"]);

        File.Exists(Path.Combine(program.Data, "keys/root.key")).Should().BeFalse();
        await program.IssueAsync();
        await using (var server = await AuthorityProcess.StartAsync(program, ownsProgram: false, []))
        {
            (await server.TerminateAsync()).Should().Be(0);
        }

        (await program.RunAsync("issuer", "add")).Error.Should().Contain("--root-key");
        await program.RunWellAsync("issuer", "add", "--root-key", program["safe.key"]);
    }

    [Theory]
    [InlineData("--trust-domain", "Foo.test")]
    [InlineData("--trust-domain", "foo.test/a")]
    [InlineData("--advertise", "https://ca.foo.test")]
    [InlineData("--advertise", "http://0.0.0.0:8480")]
    [InlineData("--advertise", "ca.foo.test")]
    public async Task UnusableName_IsWrongUsage(string option, string value)
    {
        using var program = new AuthorityProgram();

        (await program.RunAsync("init", option, value)).ExitCode.Should().Be(2);

        Directory.Exists(program.Data).Should().BeFalse();
    }
}
