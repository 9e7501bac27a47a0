using System.Net;
using MtlsSidecar.Authority.Storage.Sqlite;
using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.Authority.Tests.Hosting;

public sealed class LifecycleTests
{
    [Fact]
    public async Task SecondServerOnTheSameDirectory_IsRefused()
    {
        await using var first = await AuthorityProcess.StartAsync();

        var second = await first.Program.RunAsync("serve", "--listen", "https://127.0.0.1:1", "--publish", "http://127.0.0.1:2", "--admin", "http://127.0.0.1:3");

        second.ExitCode.Should().Be(1);
        second.Error.Should().Contain("another server");
        (await first.ProbeAsync("ready")).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Terminated_BecomesUnready_ServesOn_AndEndsWithZero()
    {
        await using var authority = await AuthorityProcess.StartAsync("--drain-delay", "10s");
        authority.Process.Signal(ProcessSignal.Terminate);

        await Eventually.HoldsAsync(async () => await authority.ProbeAsync("ready") == HttpStatusCode.ServiceUnavailable, "unready");
        (await authority.ProbeAsync("live")).Should().Be(HttpStatusCode.OK);
        (await authority.CurlAsync(authority.Est + "cacerts")).Status.Should().Be(200);

        (await authority.Process.WaitForExitAsync(TimeSpan.FromSeconds(40))).Should().Be(0);
    }

    [Fact]
    public async Task KilledInTheMiddleOfEnrolments_LosesNoneThatItAnswered()
    {
        using var program = await AuthorityProgram.InitAsync();
        var acknowledged = new System.Collections.Concurrent.ConcurrentBag<string>();
        await using (var authority = await AuthorityProcess.StartAsync(program, ownsProgram: false, []))
        {
            var token = await authority.TokenAsync("many", "--uses", "5000");
            using var client = EstClient.Create(authority, token);
            var enrolling = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => EnrolUntilItDiesAsync(client, acknowledged)));
            await Eventually.HoldsAsync(() => acknowledged.Count > 50, "some enrolments");
            authority.Process.Signal(ProcessSignal.Kill);
            await enrolling;
        }

        var known = (await program.ListAsync()).Select(certificate => certificate.Serial).ToHashSet();
        acknowledged.Should().OnlyContain(serial => known.Contains(serial));
        await program.RunWellAsync("check");
    }

    [Fact]
    public async Task RevocationWithoutServer_IsPublishedByTheNextOne()
    {
        using var program = await AuthorityProgram.InitAsync();
        var web = await program.IssueAsync();
        await program.RunWellAsync("revoke", web.Serial);

        await using var authority = await AuthorityProcess.StartAsync(program, ownsProgram: false, []);

        Convert.ToHexString(await authority.CrlAsync()).Should().Contain(web.Serial);
    }

    [Fact]
    public async Task DamagedDatabase_IsRefusedWithAdvice()
    {
        using var program = await AuthorityProgram.InitAsync();
        await File.WriteAllBytesAsync(Path.Combine(program.Data, "authority.db"), [.. Enumerable.Repeat((byte)'x', 8192)]);

        var result = await program.RunAsync("serve");

        result.ExitCode.Should().Be(1);
        result.Error.Should().Contain("damaged").And.Contain("backup");
    }

    [Fact]
    public async Task DatabaseDamagedWhereNobodyReadsAtStart_IsRefusedWithAdvice()
    {
        using var program = await AuthorityProgram.InitAsync();
        var file = Path.Combine(program.Data, "authority.db");
        long offset;
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={file};Pooling=False"))
        {
            connection.Open();
            offset = (connection.Number("SELECT rootpage FROM sqlite_master WHERE name = 'token_use'") - 1) * connection.Number("PRAGMA page_size");
        }

        await using (var database = File.OpenWrite(file))
        {
            database.Position = offset;
            database.Write("xxxxxxxx"u8);
        }

        var result = await program.RunAsync("serve");

        result.ExitCode.Should().Be(1);
        result.Error.Should().Contain("damaged").And.Contain("backup");
    }

    [Fact]
    public async Task LockedDatabase_IsRefusedWithAdvice()
    {
        using var program = await AuthorityProgram.InitAsync();
        var file = Path.Combine(program.Data, "authority.db");
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        connection.Execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");

        var result = await program.RunAsync("serve");

        result.ExitCode.Should().Be(1);
        result.Error.Should().Contain("locked").And.Contain("lsof");
    }

    [Fact]
    public async Task MissingDirectory_IsToldHowToMakeOne()
    {
        using var program = new AuthorityProgram();

        (await program.RunAsync("serve")).Error.Should().Contain("mtls-authority init");
    }

    [Fact]
    public async Task CallerBeyondItsRate_IsToldToWait()
    {
        await using var authority = await AuthorityProcess.StartAsync("--rate-limit", "1");

        // All at once: one after the other they might come no faster than the rate, on a busy machine.
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => authority.CurlAsync(authority.Est + "cacerts")));

        answers.Select(answer => answer.Status).Should().Contain(200).And.Contain(429);
        (await authority.ProbeAsync("ready")).Should().Be(HttpStatusCode.OK, "probes are nobody's rate");
    }

    [Fact]
    public async Task Metrics_CountWhatHappened()
    {
        await using var authority = await AuthorityProcess.StartAsync();
        var request = await Csr.CreateAsync(authority.Program);
        await authority.EnrolAsync(await authority.TokenAsync(), request.RequestFile);
        await authority.EnrolAsync("wrong", request.RequestFile);

        var metrics = await authority.MetricsAsync();

        metrics.Should().Contain("mtls_authority_certificates_issued_total{kind=\"Workload\",origin=\"token\"} 1")
            .And.Contain("mtls_authority_refusals_total{reason=\"UnknownToken\"} 1")
            .And.Contain("mtls_authority_crl_number{issuer=\"issuing-1\"}");
    }

    [Theory]
    [InlineData("--crl-interval", "2d")]
    [InlineData("--crl-validity", "1h")]
    [InlineData("--listen", "http://127.0.0.1:8444")]
    [InlineData("--listen", "https://ca.foo.test:8444")]
    [InlineData("--publish", "http://0.0.0.0:8480")]
    [InlineData("--name", "not a name")]
    public async Task OptionOutOfRange_IsWrongUsage(string option, string value)
    {
        using var program = await AuthorityProgram.InitAsync();

        (await program.RunAsync("serve", option, value)).ExitCode.Should().Be(2);
    }

    private static async Task EnrolUntilItDiesAsync(HttpClient client, System.Collections.Concurrent.ConcurrentBag<string> acknowledged)
    {
        try
        {
            while (true)
            {
                acknowledged.Add(await EstClient.EnrolAsync(client));
            }
        }
        catch (HttpRequestException)
        {
            // The server has been killed.
        }
    }
}
