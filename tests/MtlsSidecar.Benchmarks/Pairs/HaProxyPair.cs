using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.Benchmarks.Pairs;

/// <summary>Two HAProxy with mutual TLS between.</summary>
internal static class HaProxyPair
{
    /// <param name="directory">Where its files go.</param>
    /// <param name="pki">The identities: web calls orders.</param>
    /// <param name="application">The port of the application.</param>
    /// <param name="alpn"><c>h2</c> or <c>http/1.1</c>, what is spoken between the two.</param>
    public static async Task<ProxyPair> StartAsync(TestDirectory directory, WorkloadPki pki, int application, string alpn)
    {
        var (middle, entry) = (FreePorts.Next(), FreePorts.Next());
        var callee = await HaProxyProcess.StartAsync(directory, middle, Callee(directory, pki, middle, application, alpn));
        var caller = await HaProxyProcess.StartAsync(directory, entry, Caller(directory, pki, entry, middle, alpn));
        var between = alpn == "h2" ? "HTTP/2" : "HTTP/1.1";
        return new ProxyPair($"HAProxy ({between} between)", new Uri($"http://127.0.0.1:{entry}/"), [callee.Id, caller.Id], caller, callee);
    }

    /// <summary>The side that demands a client certificate.</summary>
    public static string Callee(TestDirectory directory, WorkloadPki pki, int port, int application, string alpn) => $"""
        frontend mtls
            bind 127.0.0.1:{port} ssl crt {Identity(directory, pki.Orders)} ca-file {pki.BundleFile} crl-file {pki.CrlFile} verify required no-tls-tickets alpn {alpn}
            default_backend application
        backend application
            server one 127.0.0.1:{application}
        """;

    private static string Caller(TestDirectory directory, WorkloadPki pki, int port, int peer, string alpn) => $"""
        frontend plain
            bind 127.0.0.1:{port}
            default_backend peer
        backend peer
            server one 127.0.0.1:{peer} ssl crt {Identity(directory, pki.Web)} ca-file {pki.BundleFile} crl-file {pki.CrlFile} verify required verifyhost localhost sni str(localhost) alpn {alpn}
        """;

    private static string Identity(TestDirectory directory, WorkloadFiles workload) =>
        directory.Write($"{workload.Serial}.pem", workload.Certificate.CertificatePem + workload.Certificate.KeyPem);
}
