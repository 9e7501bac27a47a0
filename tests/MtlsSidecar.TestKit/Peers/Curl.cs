using System.Globalization;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.TestKit.Peers;

/// <summary>curl as a client: the outsider's proof that our idea of HTTP and TLS is everybody's.</summary>
public static class Curl
{
    /// <summary>Runs curl with these arguments; the machine's proxy settings and ~/.curlrc don't count.</summary>
    public static async Task<CurlResult> RunAsync(params IReadOnlyList<string> arguments)
    {
        var result = await ChildProcess.RunAsync(new ProcessStart(
            "curl", ["--disable", "--silent", "--show-error", "--max-time", "30", "--write-out", "%{stderr}%{http_code} %{http_version}", .. arguments])
        {
            Environment = new Dictionary<string, string?> { ["http_proxy"] = null, ["https_proxy"] = null, ["no_proxy"] = null },
        });
        var written = result.Error[(result.Error.LastIndexOf('\n') + 1)..].Split(' ');
        var parsed = int.TryParse(written[0], CultureInfo.InvariantCulture, out var status);
        return new CurlResult(result.ExitCode, parsed ? status : 0, written.ElementAtOrDefault(1) ?? "", result.Output, result.Error);
    }

    /// <summary>The arguments that present this workload's certificate and trust the story's root.</summary>
    public static string[] Identity(WorkloadPki pki, WorkloadFiles workload) =>
        ["--cacert", pki.BundleFile, "--cert", workload.CertificateFile, "--key", workload.KeyFile];
}
