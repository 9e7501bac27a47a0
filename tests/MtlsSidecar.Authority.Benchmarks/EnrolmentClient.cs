using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MtlsSidecar.Authority.Benchmarks;

/// <summary>A client that enrols over one kept connection, with a request that it made before.</summary>
internal static class EnrolmentClient
{
    public static HttpClient Create(AuthorityInstance authority, string token)
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new()
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(Path.Combine(authority.Data, "ca.crt")) },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        })
        {
            BaseAddress = new Uri($"https://localhost:{AuthorityInstance.Text(authority.TlsPort)}/.well-known/est/"),
        };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"x:{token.Trim()}")));
        return client;
    }

    public static Task EnrolAsync(HttpClient client) => EnrolAsync(client, CreateRequest());

    public static async Task EnrolAsync(HttpClient client, byte[] request)
    {
        using var response = await client.PostAsync(new Uri("simpleenroll", UriKind.Relative), new ByteArrayContent(request));
        response.EnsureSuccessStatusCode();
    }

    public static byte[] CreateRequest()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256).CreateSigningRequest();
    }
}
