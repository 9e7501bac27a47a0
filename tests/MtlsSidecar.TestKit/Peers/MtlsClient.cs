using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Authorities;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.TestKit.Peers;

/// <summary>A peer in the test's own process: .NET's HTTP client or a bare TLS connection with a workload's certificate.</summary>
public static class MtlsClient
{
    /// <summary>A client that speaks exactly this HTTP version to whatever address it is given.</summary>
    public static HttpClient Create(WorkloadPki pki, WorkloadFiles? workload, Version? version = null) =>
        new(new ExactVersion(version ?? HttpVersion.Version11, new SocketsHttpHandler { UseProxy = false, SslOptions = TlsOptions(pki, workload) }))
        {
            Timeout = TimeSpan.FromSeconds(30),
        };

    /// <summary>A client with a certificate of <c>mtls-authority</c>, which trusts that authority's root alone.</summary>
    public static HttpClient Create(IssuedFiles workload, AuthorityProgram authority)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(workload.CertificateFile);
        using var leaf = X509Certificate2.CreateFromPemFile(workload.CertificateFile, workload.KeyFile);
        return new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificateContext = SslStreamCertificateContext.Create(
                    X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), null), [.. chain.Skip(1)], offline: true),
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(authority.Bundle) },
                    RevocationMode = X509RevocationMode.NoCheck,
                    DisableCertificateDownloads = true,
                },
            },
        });
    }

    /// <summary>TLS settings that present the workload's whole chain and trust the story's root alone.</summary>
    public static SslClientAuthenticationOptions TlsOptions(WorkloadPki pki, WorkloadFiles? workload, SslProtocols protocols = SslProtocols.None) => new()
    {
        TargetHost = "localhost",
        EnabledSslProtocols = protocols,
        ClientCertificateContext = workload is null
            ? null
            : SslStreamCertificateContext.Create(workload.Certificate.WithKey(), [.. workload.Certificate.Intermediates], offline: true),
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { pki.Root.Certificate },
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        },
    };
}
