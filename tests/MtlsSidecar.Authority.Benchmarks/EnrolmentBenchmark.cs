using System.Diagnostics;

namespace MtlsSidecar.Authority.Benchmarks;

/// <summary>Enrolments a second, each in a durable transaction of its own; requests are made before the clock starts.</summary>
internal static class EnrolmentBenchmark
{
    private const int Enrolments = 3_000;

    public static async Task RunAsync()
    {
        foreach (var clients in new[] { 1, 16 })
        {
            using var authority = await AuthorityInstance.CreateAsync();
            await using var server = await authority.ServeAsync();
            using var client = EnrolmentClient.Create(authority, await authority.RunAsync("token", "--id", "spiffe://foo.test/a", "--uses", "10000"));
            await RunAsync(client, clients, 500);

            var requests = Enumerable.Range(0, Enrolments).Select(_ => EnrolmentClient.CreateRequest()).ToList();
            var (cpu, started) = (ProcessUse.CpuSeconds(server.Id), Stopwatch.GetTimestamp());
            await RunAsync(client, clients, requests);
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            cpu = ProcessUse.CpuSeconds(server.Id) - cpu;
            Console.WriteLine(
                $"enrolments, {clients} at once: {Enrolments / seconds:F0}/s, {cpu / Enrolments * 1e6:F0} µs of the server's CPU each; server peak {ProcessUse.PeakMebibytes(server.Id):F0} MiB");
        }
    }

    private static Task RunAsync(HttpClient client, int clients, int count)
        => RunAsync(client, clients, [.. Enumerable.Range(0, count).Select(_ => EnrolmentClient.CreateRequest())]);

    private static async Task RunAsync(HttpClient client, int clients, List<byte[]> requests)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var index && index < requests.Count)
            {
                await EnrolmentClient.EnrolAsync(client, requests[index]);
            }
        }));
    }
}
