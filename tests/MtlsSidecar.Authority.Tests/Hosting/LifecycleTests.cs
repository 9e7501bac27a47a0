using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Authority.Storage.Sqlite;
using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.TestKit.Peers;
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
    public async Task RevocationThatCouldNotBePublished_IsPublishedByTheNextServer()
    {
        using var program = await AuthorityProgram.InitAsync();
        var web = await program.IssueAsync();

        // A disk that is full to the first octet.
        File.CreateSymbolicLink(Path.Combine(program.Data, "published", "issuing-1.crl.new"), "/dev/full");
        (await program.RunAsync("revoke", web.Serial)).ExitCode.Should().Be(1);

        await using var authority = await AuthorityProcess.StartAsync(program, ownsProgram: false, []);

        Convert.ToHexString(await authority.CrlAsync()).Should().Contain(web.Serial);
    }

    [Fact]
    public async Task OlderCrlThanTheDatabaseRemembers_IsReplacedBeforeTheServerAnswers()
    {
        using var program = await AuthorityProgram.InitAsync();
        var web = await program.IssueAsync();
        var file = Path.Combine(program.Data, "published", "issuing-1.crl");
        var older = await File.ReadAllBytesAsync(file);
        await program.RunWellAsync("revoke", web.Serial);
        await File.WriteAllBytesAsync(file, older);

        await using var authority = await AuthorityProcess.StartAsync(program, ownsProgram: false, []);

        Convert.ToHexString(await authority.CrlAsync()).Should().Contain(web.Serial);
    }

    [Fact]
    public async Task ScheduledCrl_IsSignedByTheServer_AsOftenAndForAsLongAsItWasTold()
    {
        await using var authority = await AuthorityProcess.StartAsync("--crl-interval", "2s", "--crl-validity", "1h");
        var first = NumberOf(await authority.CrlAsync());

        await Eventually.HoldsAsync(async () => NumberOf(await authority.CrlAsync()) >= first + 2, "two more, though nothing was revoked");

        var file = authority.Program.Write("now.crl", await authority.CrlAsync());
        var times = (await OpenSsl.RunAsync("crl", "-inform", "DER", "-in", file, "-noout", "-lastupdate", "-nextupdate")).Output.Trim().Split('\n')
            .Select(line => DateTimeOffset.ParseExact(line[(line.IndexOf('=') + 1)..], "MMM d HH:mm:ss yyyy 'GMT'", CultureInfo.InvariantCulture, DateTimeStyles.AllowInnerWhite)).ToList();
        (times[1] - times[0]).Should().Be(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(60), "it is dated a minute back");
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
        AuthorityDatabase.DamageUnnoticed(program);

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
    public async Task CallerWithTooManyConnections_GetsNoMore_UntilOneEnds()
    {
        await using var authority = await AuthorityProcess.StartAsync("--connection-limit", "2");
        using var first = new System.Net.Sockets.TcpClient();
        using var second = new System.Net.Sockets.TcpClient();
        await first.ConnectAsync(IPAddress.Loopback, authority.TlsPort);
        await second.ConnectAsync(IPAddress.Loopback, authority.Publish.Port);

        await Eventually.HoldsAsync(async () => (await authority.CurlAsync(authority.Est + "cacerts")).Status == 0, "no third connection");
        (await authority.ProbeAsync("ready")).Should().Be(HttpStatusCode.OK, "probes are nobody's limit");

        first.Close();
        await Eventually.HoldsAsync(async () => (await authority.CurlAsync(authority.Est + "cacerts")).Status == 200, "room again");
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
    [InlineData("--rate-limit", "-1")]
    [InlineData("--rate-limit", "2147483647")]
    [InlineData("--connection-limit", "-1")]
    public async Task OptionOutOfRange_IsWrongUsage(string option, string value)
    {
        using var program = await AuthorityProgram.InitAsync();

        (await program.RunAsync("serve", option, value)).ExitCode.Should().Be(2);
    }

    private static long NumberOf(byte[] crl)
    {
        CertificateRevocationListBuilder.Load(crl, out var number);
        return (long)number;
    }
}
