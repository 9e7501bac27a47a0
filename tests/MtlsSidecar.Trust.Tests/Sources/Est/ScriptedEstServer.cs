using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.Trust.Tests.Sources.Est;

/// <summary>An EST server that issues whatever a test likes: other keys, other names, other authorities.</summary>
internal sealed class ScriptedEstServer : IAsyncDisposable
{
    public ScriptedEstServer(TestAuthority root, TestAuthority issuing)
    {
        Issuing = issuing;
        Issuers = [root.Certificate, issuing.Certificate];
        var certificate = root.Issue(new IssueOptions { DnsNames = ["localhost"] });
        Http = ScriptedHttpServer.StartTls(AnswerAsync, new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate.WithKey(), null, offline: true),
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        });
    }

    public ScriptedHttpServer Http { get; }

    public TestAuthority Issuing { get; set; }

    /// <summary>What <c>cacerts</c> answers.</summary>
    public IReadOnlyList<X509Certificate2> Issuers { get; set; }

    /// <summary>What the certificates say.</summary>
    public IssueOptions Options { get; set; } = new() { Uris = ["spiffe://foo.test/web"] };

    /// <summary>The key that is certified; that of the request by default.</summary>
    public PublicKey? Key { get; set; }

    /// <summary>Answers requests for certificates with this status instead, if it isn't null.</summary>
    public int? Refusal { get; set; }

    public bool RefusesRenewals { get; set; }

    /// <summary>Sends this instead of a message, if it isn't null.</summary>
    public byte[]? Answer { get; set; }

    /// <summary>The requests for certificates so far.</summary>
    public List<CertificateRequest> Requested { get; } = [];

    public Uri Url => new($"https://localhost:{Http.Endpoint.Port}");

    public static byte[] Encode(IEnumerable<X509Certificate2> certificates)
        => Encoding.ASCII.GetBytes(Convert.ToBase64String(new X509Certificate2Collection(certificates.ToArray()).Export(X509ContentType.Pkcs7)!, Base64FormattingOptions.InsertLineBreaks));

    public async ValueTask DisposeAsync() => await Http.DisposeAsync();

    private Task AnswerAsync(ScriptedRequest request)
    {
        if (request.Head.StartsWith("GET /.well-known/est/cacerts ", StringComparison.Ordinal))
        {
            return request.AnswerAsync(Encode(Issuers));
        }

        var csr = CertificateRequest.LoadSigningRequest(
            Convert.FromBase64String(Encoding.ASCII.GetString(request.Body)), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        Requested.Add(csr);
        if (RefusesRenewals && request.Head.Contains("/simplereenroll ", StringComparison.Ordinal))
        {
            return request.RefuseAsync(403);
        }

        return Refusal is { } status ? request.RefuseAsync(status) : request.AnswerAsync(Answer ?? Encode([Issue(Key ?? csr.PublicKey)]));
    }

    private X509Certificate2 Issue(PublicKey key)
    {
        var request = new CertificateRequest(new X500DistinguishedName(Options.Subject), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        Options.Uris.ToList().ForEach(uri => names.AddUri(new Uri(uri)));
        Options.DnsNames.ToList().ForEach(names.AddDnsName);
        request.CertificateExtensions.Add(names.Build());
        Options.Configure?.Invoke(request);
        return Issuing.Sign(request, Options);
    }
}
