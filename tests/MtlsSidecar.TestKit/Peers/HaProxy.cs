using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.TestKit.Peers;

/// <summary>A real HAProxy in the foreground, with mutual TLS on one of its sides.</summary>
public sealed class HaProxy : IAsyncDisposable
{
    private readonly TestDirectory _directory;
    private readonly ChildProcess _process;

    private HaProxy(TestDirectory directory, ChildProcess process, int port)
    {
        (_directory, _process, Port) = (directory, process, port);
    }

    public int Port { get; }

    /// <summary>HAProxy demands a client certificate and hands requests to a plain application, with what it verified in a header.</summary>
    public static Task<HaProxy> StartServerAsync(WorkloadPki pki, WorkloadFiles identity, int application, string alpn = "h2,http/1.1") =>
        StartAsync(identity, (port, pem) => $"""
            frontend mtls
                bind 127.0.0.1:{port} ssl crt {pem} ca-file {pki.BundleFile} crl-file {pki.CrlFile} verify required alpn {alpn}
                http-request set-header X-Verified %[ssl_c_verify]
                http-request set-header X-Client-Subject %[ssl_c_s_dn(cn)]
                default_backend application
            backend application
                server one 127.0.0.1:{application}
            """);

    /// <summary>HAProxy takes plain HTTP and calls a peer over mutual TLS.</summary>
    public static Task<HaProxy> StartClientAsync(WorkloadPki pki, WorkloadFiles identity, Uri peer, string alpn = "h2,http/1.1") =>
        StartAsync(identity, (port, pem) => $"""
            frontend plain
                bind 127.0.0.1:{port}
                default_backend peer
            backend peer
                server one 127.0.0.1:{peer.Port} ssl crt {pem} ca-file {pki.BundleFile} verify required verifyhost localhost sni str(localhost) alpn {alpn}
            """);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }

    private static async Task<HaProxy> StartAsync(WorkloadFiles identity, Func<int, string, string> sections)
    {
        var directory = new TestDirectory();
        var port = FreePorts.Next();
        var pem = directory.Write("identity.pem", identity.Certificate.CertificatePem + identity.Certificate.KeyPem);
        var file = directory.Write("haproxy.cfg", $"""
            global
                maxconn 200
            defaults
                mode http
                timeout connect 5s
                timeout client 30s
                timeout server 30s
            {sections(port, pem)}

            """);
        var process = ChildProcess.Start(new ProcessStart("haproxy", "-db", "-f", file) { Input = "" });
        await Startup.WaitAsync(process, port);
        return new HaProxy(directory, process, port);
    }
}
