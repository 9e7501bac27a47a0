using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.Authority.Tests.Hosting;

/// <summary>kill -9: what was answered is on the disk.</summary>
public sealed class KilledTests
{
    [Fact]
    public async Task KilledInTheMiddleOfEnrolments_LosesNoneThatItAnswered()
    {
        using var program = await AuthorityProgram.InitAsync();
        var acknowledged = new System.Collections.Concurrent.ConcurrentBag<string>();
        await using (var authority = await AuthorityProcess.StartAsync(program, ownsProgram: false, []))
        {
            var token = await authority.TokenAsync("many", "--uses", "5000");
            using var client = EstClient.Create(authority, token);
            var enrolling = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => UntilItDiesAsync(() => EstClient.EnrolAsync(client), acknowledged)));
            await Eventually.HoldsAsync(() => acknowledged.Count > 50, "some enrolments");
            authority.Process.Signal(ProcessSignal.Kill);
            await enrolling;
        }

        var known = (await program.ListAsync()).Select(certificate => certificate.Serial).ToHashSet();
        acknowledged.Should().OnlyContain(serial => known.Contains(serial));
        await program.RunWellAsync("check");
    }

    [Fact]
    public async Task KilledInTheMiddleOfRenewals_LosesNoneThatItAnswered()
    {
        using var program = await AuthorityProgram.InitAsync();
        var web = await program.IssueAsync();
        var acknowledged = new System.Collections.Concurrent.ConcurrentBag<string>();
        await using (var authority = await AuthorityProcess.StartAsync(program, ownsProgram: false, []))
        {
            using var client = EstClient.Create(authority, web);
            var renewing = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => UntilItDiesAsync(() => EstClient.RenewAsync(client), acknowledged)));
            await Eventually.HoldsAsync(() => acknowledged.Count > 50, "some renewals");
            authority.Process.Signal(ProcessSignal.Kill);
            await renewing;
        }

        var known = (await program.ListAsync()).Select(certificate => certificate.Serial).ToHashSet();
        acknowledged.Should().OnlyContain(serial => known.Contains(serial));
        await program.RunWellAsync("check");
    }

    [Fact]
    public async Task TokenCommandKilledOnceItHasAnswered_HasMadeItsToken()
    {
        using var program = await AuthorityProgram.InitAsync();
        await using var making = ChildProcess.Start(program.Start("token", "--id", "spiffe://foo.test/ns/default/sa/web") with { Input = "" });
        var token = await making.Output.WaitForLineAsync(_ => true, TimeSpan.FromSeconds(40));
        making.Signal(ProcessSignal.Kill);

        await using var authority = await AuthorityProcess.StartAsync(program, ownsProgram: false, []);

        (await authority.EnrolAsync(token, (await Csr.CreateAsync(program)).RequestFile)).Status.Should().Be(200);
    }

    [Fact]
    public async Task RevokeCommandKilledOnceItHasAnswered_HasRevokedEverything_AndTheNextServerPublishesIt()
    {
        using var program = await AuthorityProgram.InitAsync();
        var all = new[] { await program.IssueAsync(), await program.IssueAsync("web", "--replace"), await program.IssueAsync("web", "--replace") };
        await using var revoking = ChildProcess.Start(program.Start("revoke", "spiffe://foo.test/ns/default/sa/web") with { Input = "" });
        await revoking.Output.WaitForLineAsync(line => line.StartsWith("Revoked", StringComparison.Ordinal), TimeSpan.FromSeconds(40));
        revoking.Signal(ProcessSignal.Kill);

        await using var authority = await AuthorityProcess.StartAsync(program, ownsProgram: false, []);

        Convert.ToHexString(await authority.CrlAsync()).Should().ContainAll(all.Select(certificate => certificate.Serial));
    }

    private static async Task UntilItDiesAsync(Func<Task<string>> askForCertificate, System.Collections.Concurrent.ConcurrentBag<string> acknowledged)
    {
        try
        {
            while (true)
            {
                acknowledged.Add(await askForCertificate());
            }
        }
        catch (HttpRequestException)
        {
            // The server has been killed.
        }
    }
}
