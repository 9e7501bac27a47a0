using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.Benchmarks.Pairs;

/// <summary>Two nginx with mutual TLS and HTTP/1.1 between: its upstream side speaks nothing newer.</summary>
internal static class NginxPair
{
    public static async Task<ProxyPair> StartAsync(TestDirectory directory, WorkloadPki pki, int application)
    {
        var (middle, entry) = (FreePorts.Next(), FreePorts.Next());
        var callee = await NginxProcess.StartAsync(directory, middle, Callee(pki, middle, application));
        var caller = await NginxProcess.StartAsync(directory, entry, Caller(pki, entry, middle));
        return new ProxyPair("nginx (HTTP/1.1 between)", new Uri($"http://127.0.0.1:{entry}/"), [callee.Id, caller.Id], caller, callee);
    }

    /// <summary>The side that demands a client certificate.</summary>
    public static string Callee(WorkloadPki pki, int port, int application) => $$"""
        upstream application { server 127.0.0.1:{{application}}; keepalive 64; keepalive_requests 100000000; }
        server {
            listen 127.0.0.1:{{port}} ssl;
            ssl_certificate {{pki.Orders.CertificateFile}};
            ssl_certificate_key {{pki.Orders.KeyFile}};
            ssl_client_certificate {{pki.BundleFile}};
            ssl_crl {{pki.CrlFile}};
            ssl_verify_client on;
            ssl_verify_depth 3;
            ssl_session_tickets off;
            location / { proxy_pass http://application; proxy_http_version 1.1; proxy_set_header Connection ""; }
        }
        """;

    private static string Caller(WorkloadPki pki, int port, int peer) => $$"""
        upstream peer { server 127.0.0.1:{{peer}}; keepalive 64; keepalive_requests 100000000; }
        server {
            listen 127.0.0.1:{{port}};
            location / {
                proxy_pass https://peer;
                proxy_http_version 1.1;
                proxy_set_header Connection "";
                proxy_ssl_certificate {{pki.Web.CertificateFile}};
                proxy_ssl_certificate_key {{pki.Web.KeyFile}};
                proxy_ssl_trusted_certificate {{pki.BundleFile}};
                proxy_ssl_crl {{pki.CrlFile}};
                proxy_ssl_verify on;
                proxy_ssl_verify_depth 3;
                proxy_ssl_name localhost;
                proxy_ssl_server_name on;
                proxy_ssl_protocols TLSv1.2 TLSv1.3;
            }
        }
        """;
}
