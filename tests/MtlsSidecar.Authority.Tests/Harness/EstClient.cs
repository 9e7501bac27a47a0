using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MtlsSidecar.Authority.Tests.Harness;

/// <summary>Enrols many times quickly, where a process each would be too slow.</summary>
internal static class EstClient
{
    /// <summary>A client that trusts the authority's root and presents a token.</summary>
    public static HttpClient Create(AuthorityProcess authority, string token)
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new()
            {
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
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"x:{token}")));
        return client;
    }

    /// <summary>Enrols a fresh key and gives the certificate's serial number.</summary>
    public static async Task<string> EnrolAsync(HttpClient client)
    {
        using var response = await client.PostAsync(new Uri("simpleenroll", UriKind.Relative), new ByteArrayContent(Requests.Create()));
        response.EnsureSuccessStatusCode();
        var message = Convert.FromBase64String((await response.Content.ReadAsStringAsync()).ReplaceLineEndings(""));
        var certificates = new X509Certificate2Collection();
#pragma warning disable SYSLIB0057 // Its successors read no PKCS#7.
        certificates.Import(message);
#pragma warning restore SYSLIB0057
        return certificates.Single().SerialNumber;
    }
}
