using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MtlsSidecar.Demo.Pki;
using MtlsSidecar.Demo.Services;

namespace MtlsSidecar.Demo.Clients;

/// <summary>Makes calls the way a service beside a sidecar does, or the way a peer without a sidecar does.</summary>
internal sealed class Client : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private readonly HttpClient _http;

    private Client(SocketsHttpHandler handler, Uri address) => _http = new HttpClient(handler) { BaseAddress = address, Timeout = Timeout };

    /// <summary>A service that calls another by its name: plain HTTP, with its own sidecar as proxy.</summary>
    public static Client Between(Party caller, Party callee)
        => new(new SocketsHttpHandler { Proxy = new WebProxy(caller.Sidecar.Outbound) }, new Uri($"http://{callee.Workload.Name}"));

    /// <summary>A caller that speaks mutual TLS to a sidecar by itself, with its certificate or without any.</summary>
    public static Client Directly(Workload? caller, Party callee, DemoAuthority trusted)
    {
        var tls = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(trusted.BundleFile) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
            ClientCertificateContext = caller is null ? null : ReadContext(caller),
        };
        return new Client(new SocketsHttpHandler { UseProxy = false, SslOptions = tls }, callee.Sidecar.Inbound);
    }

    /// <summary>A REST call.</summary>
    public Task<Answer> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
        => SendAsync(new HttpRequestMessage(method, path), cancellationToken);

    /// <summary>A SOAP call.</summary>
    public Task<Answer> GetUserAsync(CancellationToken cancellationToken)
        => SendAsync(
            new HttpRequestMessage(HttpMethod.Post, UsersService.Endpoint)
            {
                Content = new StringContent(UsersService.GetUserRequest, Encoding.UTF8, "text/xml"),
                Headers = { { "SOAPAction", "\"\"" } },
            },
            cancellationToken);

    /// <summary>Opens a stream of events and returns when the first one has come.</summary>
    public async Task<EventStream> OpenEventsAsync(CancellationToken cancellationToken)
        => await EventStream.OpenAsync(await _http.GetStreamAsync(new Uri(OrdersService.Events, UriKind.Relative), cancellationToken), cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<Answer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
    }

    private static SslStreamCertificateContext ReadContext(Workload caller)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(caller.CertificateFile);
        using var pair = X509Certificate2.CreateFromPemFile(caller.CertificateFile, caller.KeyFile);

        // Windows' TLS can't use a key that is in memory only; a PKCS#12 round trip gives it one that it can, and harms nobody else.
        var usable = X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), password: null);
        return SslStreamCertificateContext.Create(usable, [.. chain.Skip(1)], offline: true);
    }
}
