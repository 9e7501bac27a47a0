using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MtlsSidecar.Authority.Tests.Harness;

/// <summary>Enrols many times quickly, where a process each would be too slow.</summary>
internal static class EstClient
{
    /// <summary>A client that trusts the authority's root and presents a token.</summary>
    public static HttpClient Create(AuthorityProcess authority, string token)
    {
        var client = Create(authority, context: null);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"x:{token}")));
        return client;
    }

    /// <summary>A client that trusts the authority's root and presents a certificate.</summary>
    public static HttpClient Create(AuthorityProcess authority, IssuedFiles certificate)
    {
        using var pem = X509Certificate2.CreateFromPemFile(certificate.CertificateFile, certificate.KeyFile);
        var usable = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        return Create(authority, SslStreamCertificateContext.Create(usable, null, offline: true));
    }

    /// <summary>Enrols a fresh key and gives the certificate's serial number.</summary>
    public static Task<string> EnrolAsync(HttpClient client) => AskAsync(client, "simpleenroll");

    /// <summary>Renews with a fresh key and gives the certificate's serial number.</summary>
    public static Task<string> RenewAsync(HttpClient client) => AskAsync(client, "simplereenroll");

    private static HttpClient Create(AuthorityProcess authority, SslStreamCertificateContext? context)
        => new(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new()
            {
                ClientCertificateContext = context,
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(authority.Program.Bundle) },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        })
        {
            BaseAddress = new Uri(authority.Est),
        };

    private static async Task<string> AskAsync(HttpClient client, string path)
    {
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), new ByteArrayContent(Requests.Create()));
        response.EnsureSuccessStatusCode();
        var message = Convert.FromBase64String((await response.Content.ReadAsStringAsync()).ReplaceLineEndings(""));
        var certificates = new X509Certificate2Collection();
#pragma warning disable SYSLIB0057 // Its successors read no PKCS#7.
        certificates.Import(message);
#pragma warning restore SYSLIB0057
        return certificates.Single().SerialNumber;
    }
}
