using System.Diagnostics;
using Microsoft.Data.Sqlite;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.Authority.Benchmarks;

/// <summary>Signs a CRL of a million entries: by a command of its own, and by a running server that issues meanwhile.</summary>
internal static class CrlBenchmark
{
    private const int Entries = 1_000_000;

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
    }

    private static async Task WhileIssuingAsync(AuthorityInstance authority)
    {
        await using var server = await authority.ServeAsync();
        using var client = EnrolmentClient.Create(authority, await authority.RunAsync("token", "--id", "spiffe://foo.test/a", "--uses", "10000"));
        await EnrolmentClient.EnrolAsync(client);

        var signing = MeasureAsync(authority, "crl", "--out", authority["all.crl"]);
        var slowest = TimeSpan.Zero;
        var count = 0;
        while (!signing.IsCompleted)
        {
            var started = Stopwatch.GetTimestamp();
            await EnrolmentClient.EnrolAsync(client);
            var elapsed = Stopwatch.GetElapsedTime(started);
            slowest = elapsed > slowest ? elapsed : slowest;
            count++;
        }

        Console.WriteLine($"meanwhile {count} certificates were issued, the slowest in {slowest.TotalMilliseconds:F0} ms; CRL {(await signing).Seconds:F2} s; server peak {ProcessUse.PeakMebibytes(server.Id):F0} MiB");
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
