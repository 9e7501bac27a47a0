using BenchmarkDotNet.Attributes;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.Benchmarks.Micro;

/// <summary>
/// One request after the other over kept connections, everything in this process: the application alone, with the called side before it, and
/// with a whole pair. What client and application take themselves is the first line.
/// </summary>
/// <remarks>Blocks where others await: measured in this process, BenchmarkDotNet doesn't wait for a set-up that is a task.</remarks>
public class ForwardBenchmarks
{
    private readonly WorkloadPki _pki = new();
    private HttpApplication _application = null!;
    private InProcessPair _pair = null!;
    private HttpClient _plain = null!;
    private HttpClient _peer = null!;

    [GlobalSetup]
    public void Prepare()
    {
        _application = HttpApplication.StartAsync().GetAwaiter().GetResult();
        _pair = InProcessPair.StartAsync(_pki, _application.Address).GetAwaiter().GetResult();
        _plain = PlainClient.Create();
        _peer = MtlsClient.Create(_pki, _pki.Web);
    }

    [GlobalCleanup]
    public void Clean()
    {
        _plain.Dispose();
        _peer.Dispose();
        _pair.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _application.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _pki.Dispose();
    }

    [Benchmark(Baseline = true, Description = "Request to the application")]
    public void Direct() => Call(_plain, new Uri(_application.Address));

    [Benchmark(Description = "Request forwarded inbound, mTLS")]
    public void Inbound() => Call(_peer, _pair.Inbound);

    [Benchmark(Description = "Request forwarded by a pair")]
    public void Pair() => Call(_plain, _pair.Entry);

    private static void Call(HttpClient client, Uri server)
    {
        using var response = client.GetAsync(new Uri(server, "/status/204")).GetAwaiter().GetResult();
        if (response.StatusCode != System.Net.HttpStatusCode.NoContent)
        {
            throw new InvalidOperationException($"{server} answered {response.StatusCode}.");
        }
    }
}
