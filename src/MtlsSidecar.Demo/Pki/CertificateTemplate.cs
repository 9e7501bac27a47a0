using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.Demo.Pki;

/// <summary>What the demo's certificates say.</summary>
internal sealed class CertificateTemplate
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const int SerialLength = 16;
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    // No certificate is too young for a clock that is a little behind.
    private static readonly TimeSpan Backdating = TimeSpan.FromMinutes(1);

    private readonly CertificateRequest _request;

    private CertificateTemplate(CertificateRequest request) => _request = request;

    /// <summary>An authority that issues certificates and CRLs.</summary>
    public static CertificateTemplate Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return new CertificateTemplate(request);
    }

    /// <summary>A workload on this machine, as server and as client (the X.509-SVID profile of SPIFFE).</summary>
    public static CertificateTemplate Workload(Workload workload, ECDsa key)
    {
        var request = new CertificateRequest($"CN={workload.Name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(workload.SpiffeId));
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForEndEntity(critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication), new Oid(ClientAuthentication)], critical: false));
        return new CertificateTemplate(request);
    }

    /// <summary>A root, with its key.</summary>
    public X509Certificate2 SelfSign()
    {
        var (notBefore, notAfter) = Validity();
        return _request.CreateSelfSigned(notBefore, notAfter);
    }

    /// <summary>A certificate under an issuer, without its key.</summary>
    public X509Certificate2 Sign(X509Certificate2 issuer)
    {
        _request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var (notBefore, notAfter) = Validity();
        var serial = RandomNumberGenerator.GetBytes(SerialLength);

        // Positive and of full length (RFC 5280 §4.1.2.2).
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        return _request.Create(issuer, notBefore, notAfter < issuer.NotAfter ? notAfter : issuer.NotAfter, serial);
    }

    private static (DateTimeOffset NotBefore, DateTimeOffset NotAfter) Validity()
    {
        var now = TimeProvider.System.GetUtcNow();
        return (now - Backdating, now + Lifetime);
    }
}
