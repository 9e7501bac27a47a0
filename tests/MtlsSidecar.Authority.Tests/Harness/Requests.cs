using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.Authority.Tests.Harness;

/// <summary>PKCS#10 requests in memory.</summary>
internal static class Requests
{
    /// <summary>A request for a fresh P-256 key.</summary>
    public static byte[] Create(Action<CertificateRequest>? configure = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Create(key, configure);
    }

    /// <summary>A request for this key.</summary>
    public static byte[] Create(ECDsa key, Action<CertificateRequest>? configure = null)
    {
        var request = new CertificateRequest("CN=whatever", key, HashAlgorithmName.SHA256);
        configure?.Invoke(request);
        return request.CreateSigningRequest();
    }

    /// <summary>Lets a request ask for names.</summary>
    public static Action<CertificateRequest> Names(string? uri = null, params string[] dnsNames) => request =>
    {
        var names = new SubjectAlternativeNameBuilder();
        if (uri is not null)
        {
            names.AddUri(new Uri(uri));
        }

        foreach (var name in dnsNames)
        {
            names.AddDnsName(name);
        }

        request.CertificateExtensions.Add(names.Build());
    };
}
