using System.Globalization;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.TestKit.Peers;

/// <summary><c>openssl s_client</c>: presents what no well-behaved client would, weak keys and hashes included.</summary>
public static class OpenSslClient
{
    /// <summary>
    /// Connects, sends the text and returns what came back until the server closed. With a certificate, its chain is sent too.
    /// The security level is 0, so that refusing a weak certificate is left to the server.
    /// </summary>
    public static Task<ProcessResult> SendAsync(int port, string text, WorkloadFiles? workload, params IReadOnlyList<string> arguments)
    {
        string[] identity = workload is null
            ? []
            : ["-cert", workload.CertificateFile, "-cert_chain", workload.CertificateFile, "-key", workload.KeyFile];
        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        return ChildProcess.RunAsync(new ProcessStart(
            "openssl", ["s_client", "-connect", address, "-servername", "localhost", "-cipher", "DEFAULT@SECLEVEL=0", "-ign_eof", .. identity, .. arguments])
        { Input = text });
    }
}
