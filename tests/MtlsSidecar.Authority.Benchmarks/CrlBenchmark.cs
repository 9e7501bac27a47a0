using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.Authority.Benchmarks;

/// <summary>
/// Signs a CRL of a million entries: by a command of its own, beside a server that issues meanwhile, and by that server itself, when its
/// scheduled CRL is due. The environment variable <c>CRL_ENTRIES</c> sets another number.
/// </summary>
internal static class CrlBenchmark
{
    private static readonly int Entries = Environment.GetEnvironmentVariable("CRL_ENTRIES") is { } entries ? int.Parse(entries, CultureInfo.InvariantCulture) : 1_000_000;

    public static async Task RunAsync()
    {
        using var authority = await AuthorityInstance.CreateAsync();
        Fill(authority.DatabaseFile);
        var (empty, _) = await MeasureAsync(authority, "list");
        var (first, firstPeak) = await MeasureAsync(authority, "crl", "--out", authority["all.crl"]);
        var (seconds, peak) = await MeasureAsync(authority, "crl", "--out", authority["all.crl"]);
        var length = new FileInfo(Path.Combine(authority.Data, "published", "issuing-1.crl")).Length / 1e6;
        Console.WriteLine(
            $"CRL of {Entries:N0} entries ({length:F1} MB) and PEM of it: {seconds:F2} s, of which {empty:F2} s start the program; peak {peak:F0} MiB");
        Console.WriteLine($"the same with a delta CRL of as many, when all were revoked since the last scheduled CRL: {first:F2} s; peak {firstPeak:F0} MiB");
        await WhileIssuingAsync(authority);
        await ByTheServerAsync(authority);
    }

    private static async Task WhileIssuingAsync(AuthorityInstance authority)
    {
        await using var server = await authority.ServeAsync();
        using var client = EnrolmentClient.Create(authority, await authority.RunAsync("token", "--id", "spiffe://foo.test/a", "--uses", "10000"));
        await EnrolmentClient.EnrolAsync(client);

        var signing = MeasureAsync(authority, "crl", "--out", authority["all.crl"]);
        var (count, slowest) = await EnrolUntilAsync(client, () => signing.IsCompleted);
        Console.WriteLine($"meanwhile {count} certificates were issued, the slowest in {slowest.TotalMilliseconds:F0} ms; CRL {(await signing).Seconds:F2} s; server peak {ProcessUse.PeakMebibytes(server.Id):F0} MiB");
    }

    /// <summary>
    /// The server signs its scheduled CRLs while one client enrols: a CRL is under way from the moment its spool appears until the next
    /// full one lies there.
    /// </summary>
    private static async Task ByTheServerAsync(AuthorityInstance authority)
    {
        await using var server = await authority.ServeAsync("--crl-interval", "5s");
        using var client = EnrolmentClient.Create(authority, await authority.RunAsync("token", "--id", "spiffe://foo.test/a", "--uses", "10000"));
        await EnrolmentClient.EnrolAsync(client);
        var file = Path.Combine(authority.Data, "published", "issuing-1.crl");
        var (idle, _) = await EnrolUntilAsync(client, () => File.Exists(file + ".entries"));

        var published = File.GetLastWriteTimeUtc(file);
        var started = Stopwatch.GetTimestamp();
        var (count, slowest) = await EnrolUntilAsync(client, () => File.GetLastWriteTimeUtc(file) != published);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(
            $"scheduled CRL by the server itself: {seconds:F2} s, in which {count} certificates were issued, the slowest in {slowest.TotalMilliseconds:F0} ms ({idle} before); server peak {ProcessUse.PeakMebibytes(server.Id):F0} MiB");
    }

    private static async Task<(int Count, TimeSpan Slowest)> EnrolUntilAsync(HttpClient client, Func<bool> isOver)
    {
        var (count, slowest) = (0, TimeSpan.Zero);
        while (!isOver())
        {
            var started = Stopwatch.GetTimestamp();
            await EnrolmentClient.EnrolAsync(client);
            var elapsed = Stopwatch.GetElapsedTime(started);
            slowest = elapsed > slowest ? elapsed : slowest;
            count++;
        }

        return (count, slowest);
    }

    private static async Task<(double Seconds, double PeakMebibytes)> MeasureAsync(AuthorityInstance authority, params string[] arguments)
    {
        var started = Stopwatch.GetTimestamp();
        await using var process = ChildProcess.Start(authority.Start(arguments));
        var peak = 0.0;
        while (ProcessUse.PeakMebibytes(process.Id) is { } now)
        {
            peak = now;
            await Task.Delay(5);
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return await process.WaitForExitAsync(TimeSpan.FromMinutes(1)) == 0
            ? (seconds, peak)
            : throw new InvalidOperationException(process.Error.ToString());
    }

    private static void Fill(string databaseFile)
    {
        using var connection = new SqliteConnection($"Data Source={databaseFile};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            INSERT INTO revocation (issuer_id, serial, revoked_at, reason, not_after, is_released, sequence)
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Entries})
            SELECT (SELECT id FROM issuer WHERE is_root = 0), CAST(x'41' || randomblob(15) AS BLOB), unixepoch(), 1, unixepoch() + 86400, 0, i FROM n;
            UPDATE state SET generation = {Entries};
            """;
        command.ExecuteNonQuery();
    }
}
