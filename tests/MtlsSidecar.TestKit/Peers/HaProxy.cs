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

    /// <summary>HAProxy takes plain TCP and calls a peer over mutual TLS.</summary>
    public static Task<HaProxy> StartTcpClientAsync(WorkloadPki pki, WorkloadFiles identity, int peer) =>
        StartAsync(identity, (port, pem) => $"""
            listen plain
                mode tcp
                bind 127.0.0.1:{port}
                server one 127.0.0.1:{peer} ssl crt {pem} ca-file {pki.BundleFile} verify required verifyhost localhost sni str(localhost)
            """);

    /// <summary>HAProxy demands a client certificate and carries bytes to a plain application.</summary>
    public static Task<HaProxy> StartTcpServerAsync(WorkloadPki pki, WorkloadFiles identity, int application) =>
        StartAsync(identity, (port, pem) => $"""
            listen mtls
                mode tcp
                bind 127.0.0.1:{port} ssl crt {pem} ca-file {pki.BundleFile} crl-file {pki.CrlFile} verify required
                server one 127.0.0.1:{application}
            """);

    /// <summary>HAProxy as a load balancer that passes TLS through and says by PROXY protocol, version 2 unless asked otherwise, whose connection it is.</summary>
    public static Task<HaProxy> StartLoadBalancerAsync(WorkloadFiles identity, int peer, string header = "send-proxy-v2 proxy-v2-options crc32c") =>
        StartAsync(identity, (port, _) => $"""
            listen balancer
                mode tcp
                bind 127.0.0.1:{port}
                server one 127.0.0.1:{peer} {header}
            """);

    /// <summary>HAProxy as an application that demands a PROXY header and answers HTTP requests with what it said.</summary>
    public static Task<HaProxy> StartHeaderReaderAsync(WorkloadFiles identity) =>
        StartAsync(identity, (port, _) => $"""
            frontend application
                bind 127.0.0.1:{port} accept-proxy
                http-request return status 200 hdr X-Source %[src]:%[src_port] hdr X-Destination %[dst]:%[dst_port] hdr X-Authority %[fc_pp_authority]
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
