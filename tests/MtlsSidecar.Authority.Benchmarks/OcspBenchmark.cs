using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.Authority.Benchmarks;

/// <summary>OCSP answers a second out of the cache, asked for by wrk with GET.</summary>
internal static class OcspBenchmark
{
    public static async Task RunAsync()
    {
        using var authority = await AuthorityInstance.CreateAsync();
        await using var server = await authority.ServeAsync();
        await authority.RunAsync("issue", "--id", "spiffe://foo.test/a", "--out", authority["a"]);
        var publish = $"http://127.0.0.1:{AuthorityInstance.Text(authority.PublishPort)}";
        await Curl.RunAsync("--output", authority["issuer.cer"], publish + "/ca/issuing-1.cer");
        await OpenSsl.RunAsync("x509", "-inform", "DER", "-in", authority["issuer.cer"], "-out", authority["issuer.pem"]);
        await OpenSsl.RunAsync("ocsp", "-issuer", authority["issuer.pem"], "-cert", authority["a/tls.crt"], "-no_nonce", "-reqout", authority["request"]);
        var address = $"{publish}/ocsp/{Uri.EscapeDataString(Convert.ToBase64String(await File.ReadAllBytesAsync(authority["request"])))}";

        await ChildProcess.RunAsync(new ProcessStart("wrk", "-t1", "-c16", "-d3s", address));
        var cpu = ProcessUse.CpuSeconds(server.Id);
        var result = await ChildProcess.RunAsync(new ProcessStart("wrk", "-t1", "-c16", "-d8s", "--latency", address));
        cpu = ProcessUse.CpuSeconds(server.Id) - cpu;
        var lines = result.Output.Split('\n', StringSplitOptions.TrimEntries);
        var requests = double.Parse(lines.First(line => line.Contains(" requests in ", StringComparison.Ordinal)).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Console.WriteLine($"OCSP from cache: {lines.First(line => line.StartsWith("Requests/sec", StringComparison.Ordinal))}, {cpu / requests * 1e6:F0} µs of the server's CPU each, {lines.First(line => line.StartsWith("99%", StringComparison.Ordinal))}");
    }
}
