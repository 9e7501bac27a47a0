using BenchmarkDotNet.Attributes;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.Benchmarks.Micro;

/// <summary>
/// One request after the other over kept connections, everything in this process: the application alone, with the called side before it, and
/// with a whole pair. What client and application take themselves is the first line.
/// </summary>
public class ForwardBenchmarks
{
    private readonly WorkloadPki _pki = new();
    private HttpApplication _application = null!;
    private InProcessPair _pair = null!;
    private HttpClient _plain = null!;
    private HttpClient _peer = null!;

    [GlobalSetup]
    public async Task PrepareAsync()
    {
        _application = await HttpApplication.StartAsync();
        _pair = await InProcessPair.StartAsync(_pki, _application.Address);
        _plain = PlainClient.Create();
        _peer = MtlsClient.Create(_pki, _pki.Web);
    }

    [GlobalCleanup]
    public async Task CleanAsync()
    {
        _plain.Dispose();
        _peer.Dispose();
        await _pair.DisposeAsync();
        await _application.DisposeAsync();
        _pki.Dispose();
    }

    [Benchmark(Baseline = true, Description = "Request to the application")]
    public Task DirectAsync() => CallAsync(_plain, new Uri(_application.Address));

    [Benchmark(Description = "Request forwarded inbound, mTLS")]
    public Task InboundAsync() => CallAsync(_peer, _pair.Inbound);

    [Benchmark(Description = "Request forwarded by a pair")]
    public Task PairAsync() => CallAsync(_plain, _pair.Entry);

    private static async Task CallAsync(HttpClient client, Uri server)
    {
        using var response = await client.GetAsync(new Uri(server, "/status/204"));
        if (response.StatusCode != System.Net.HttpStatusCode.NoContent)
        {
            throw new InvalidOperationException($"{server} answered {response.StatusCode}.");
        }
    }
}
