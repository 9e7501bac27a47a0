using System.Globalization;
using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.Authority.Tests.Commands;

public sealed class CheckTests : AuthorityProgramTest
{
    [Fact]
    public async Task GoodAuthority_IsGood() => (await Program.RunWellAsync("check")).Should().Contain("is good");

    [Fact]
    public async Task MissingKey_IsTold()
    {
        File.Delete(Path.Combine(Program.Data, "keys/issuing-1.key"));

        await FailsAsync("the key of issuing-1 is missing");
    }

    [Fact]
    public async Task KeysThatCantBeRead_AreToldAllTogether()
    {
        await Program.RunWellAsync("issuer", "add");
        foreach (var name in new[] { "issuing-1", "issuing-2" })
        {
            await File.WriteAllTextAsync(Path.Combine(Program.Data, $"keys/{name}.key"), "no key");
        }

        (await FailsAsync("issuing-1.key can't be read")).Error.Should().Contain("issuing-2.key can't be read");
    }

    [Fact]
    public async Task KeyOfAnotherIssuer_IsTold()
    {
        await Program.RunWellAsync("issuer", "add");
        File.Copy(Path.Combine(Program.Data, "keys/issuing-2.key"), Path.Combine(Program.Data, "keys/issuing-1.key"), overwrite: true);

        await FailsAsync("the key of issuing-1 is not that of its certificate");
    }

    [Fact]
    public async Task ActiveIssuerRevoked_IsTold()
    {
        var issuer = (await Program.ListAsync()).Single(certificate => certificate.Kind == "Issuer");
        await Program.RunWellAsync("revoke", issuer.Serial, "--authority");

        await FailsAsync("issuing-1 is revoked: run mtls-authority issuer add");
    }

    [Fact]
    public async Task CrlThatEnded_IsTold()
    {
        AuthorityDatabase.Change(Program, "UPDATE crl SET next_update = ?1", DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeSeconds());

        await FailsAsync("the CRL of issuing-1 ended at");
    }

    [Fact]
    public async Task MissingCrl_IsTold()
    {
        File.Delete(Path.Combine(Program.Data, "published/issuing-1.crl"));

        await FailsAsync("issuing-1 has no CRL");
    }

    [Fact]
    public async Task DamagedDatabase_IsTold()
    {
        AuthorityDatabase.DamageUnnoticed(Program);

        await FailsAsync("is damaged");
    }

    [Fact]
    public async Task ClockThatRanAhead_IsTold_UntilThePresentOneIsAccepted()
    {
        AuthorityDatabase.RunAhead(Program, TimeSpan.FromDays(300));
        await FailsAsync("--accept-clock");
        (await Program.RunAsync("issue", "--id", "spiffe://foo.test/a", "--out", Program["a"])).ExitCode.Should().Be(1);

        await Program.RunWellAsync("check", "--accept-clock");

        await Program.IssueAsync();
        (await ThisUpdateAsync("issuing-1")).Should().BeBefore(DateTimeOffset.UtcNow);
        (await ThisUpdateAsync("root")).Should().BeBefore(DateTimeOffset.UtcNow);
        (await File.ReadAllTextAsync(Path.Combine(Program.Data, "audit.log"))).Should().Contain("Accepted the clock");
    }

    [Fact]
    public async Task ClockAcceptedWithoutTheRootsKey_TellsWhatIsLeftToSign()
    {
        AuthorityDatabase.RunAhead(Program, TimeSpan.FromDays(300));
        File.Move(Path.Combine(Program.Data, "keys/root.key"), Program["root.key"]);

        (await Program.RunAsync("check", "--accept-clock")).Should().Match<ProcessResult>(
            result => result.ExitCode == 2 && result.Error.Contains("the CRL of root is dated") && !result.Error.Contains("issuing-1"));

        await Program.RunWellAsync("crl", "--root-key", Program["root.key"]);
        await Program.RunWellAsync("check");
    }

    private async Task<ProcessResult> FailsAsync(string error)
    {
        var result = await Program.RunAsync("check");
        result.ExitCode.Should().Be(2, result.ToString());
        result.Error.Should().Contain(error);
        return result;
    }

    private async Task<DateTimeOffset> ThisUpdateAsync(string issuer)
    {
        var text = (await OpenSsl.RunAsync("crl", "-inform", "DER", "-in", Path.Combine(Program.Data, $"published/{issuer}.crl"), "-noout", "-lastupdate")).Output;
        return DateTimeOffset.ParseExact(text.Trim()["lastUpdate=".Length..], "MMM d HH:mm:ss yyyy 'GMT'", CultureInfo.InvariantCulture, DateTimeStyles.AllowInnerWhite | DateTimeStyles.AssumeUniversal);
    }
}
