using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.TestKit.Pki;

/// <summary>A certification authority in memory that forges certificates for tests, good ones and one bad one per rule.</summary>
public sealed class TestAuthority : IDisposable
{
    private readonly ECDsa _key;
    private long _nextSerial = 0x1000;

    private TestAuthority(X509Certificate2 certificate, ECDsa key, IReadOnlyList<X509Certificate2> issuers)
    {
        (Certificate, _key, Issuers) = (certificate, key, issuers);
    }

    /// <summary>The authority's certificate, without its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The authorities above this one, nearest first, root last.</summary>
    public IReadOnlyList<X509Certificate2> Issuers { get; }

    /// <summary>Makes a self-signed root.</summary>
    public static TestAuthority CreateRoot(string name = "Test Root", Action<CertificateRequest>? configure = null)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = AuthorityRequest(name, key, configure);
        using var withKey = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(5));
        return new TestAuthority(X509CertificateLoader.LoadCertificate(withKey.RawData), key, []);
    }

    /// <summary>Makes an authority below this one.</summary>
    public TestAuthority CreateIntermediate(string name = "Test Intermediate", Action<CertificateRequest>? configure = null)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = AuthorityRequest(name, key, configure);
        return new TestAuthority(Sign(request, new IssueOptions { Lifetime = TimeSpan.FromDays(365) }), key, [Certificate, .. Issuers]);
    }

    /// <summary>Certifies another authority's name and key: a cross-certificate, or a further one for an authority below this one.</summary>
    public X509Certificate2 CrossSign(TestAuthority other, IssueOptions? options = null)
    {
        var request = new CertificateRequest(other.Certificate.SubjectName, other.Key, HashAlgorithmName.SHA256);
        AddAuthorityExtensions(request);
        options?.Configure?.Invoke(request);
        return Sign(request, options ?? new IssueOptions { Lifetime = TimeSpan.FromDays(365) });
    }

    /// <summary>Issues a workload's certificate with its key and the chain up to, but without, the root.</summary>
    public TestCertificate Issue(IssueOptions? options = null)
    {
        options ??= new IssueOptions();
        var key = options.Key ?? ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = key switch
        {
            ECDsa ec => new CertificateRequest(options.Subject, ec, options.SignatureHash),
            RSA rsa => new CertificateRequest(options.Subject, rsa, options.SignatureHash, RSASignaturePadding.Pkcs1),
            _ => throw new NotSupportedException(key.GetType().Name),
        };
        var names = new SubjectAlternativeNameBuilder();
        options.Uris.ToList().ForEach(uri => names.AddUri(new Uri(uri)));
        options.DnsNames.ToList().ForEach(names.AddDnsName);
        options.IpAddresses.ToList().ForEach(names.AddIpAddress);
        if (options.Uris.Count + options.DnsNames.Count + options.IpAddresses.Count > 0)
        {
            request.CertificateExtensions.Add(names.Build());
        }

        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        if (options.Usages.Count > 0)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. options.Usages.Select(oid => new Oid(oid))], false));
        }

        if (options.CrlUrl is { } crlUrl)
        {
            request.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([crlUrl]));
        }

        options.Configure?.Invoke(request);
        return new TestCertificate(Sign(request, options), key, [Certificate, .. Issuers.SkipLast(1)]);
    }

    /// <summary>Signs a CRL that names the given certificates.</summary>
    public byte[] CreateCrl(IEnumerable<X509Certificate2> revoked, long number = 1, DateTimeOffset? nextUpdate = null, DateTimeOffset? thisUpdate = null)
    {
        var builder = new CertificateRevocationListBuilder();
        foreach (var certificate in revoked)
        {
            builder.AddEntry(certificate, DateTimeOffset.UtcNow.AddMinutes(-1));
        }

        using var issuer = Certificate.CopyWithPrivateKey(_key);
        return builder.Build(issuer, number, nextUpdate ?? DateTimeOffset.UtcNow.AddDays(1), HashAlgorithmName.SHA256, null, thisUpdate ?? DateTimeOffset.UtcNow.AddMinutes(-5));
    }

    /// <summary>The authority's key, for tests that sign things of their own.</summary>
    public ECDsa Key => _key;

    /// <inheritdoc/>
    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    /// <summary>Signs any request as this authority.</summary>
    public X509Certificate2 Sign(CertificateRequest request, IssueOptions options)
    {
        var notBefore = options.NotBefore ?? DateTimeOffset.UtcNow.AddMinutes(-5);
        var notAfter = options.NotAfter ?? DateTimeOffset.UtcNow + options.Lifetime;
        var serial = new byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(serial, options.SerialNumber ?? Interlocked.Increment(ref _nextSerial));
        var generator = request.HashAlgorithm == HashAlgorithmName.SHA1 ? new Sha1SignatureGenerator(_key) : X509SignatureGenerator.CreateForECDsa(_key);
        return request.Create(Certificate.SubjectName, generator, notBefore, notAfter, serial);
    }

    private static CertificateRequest AuthorityRequest(string name, ECDsa key, Action<CertificateRequest>? configure)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        AddAuthorityExtensions(request);
        configure?.Invoke(request);
        return request;
    }

    private static void AddAuthorityExtensions(CertificateRequest request)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
    }
}
