using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.Demo.Pki;

/// <summary>
/// A certification authority for the length of the demo: a root, an issuing authority below it, and CRLs of both in one file that is
/// replaced at every revocation.
/// </summary>
internal sealed class DemoAuthority : IAsyncDisposable
{
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _issuing;
    private readonly string _directory;
    private readonly CertificateRevocationListBuilder _revoked = new();
    private int _crlNumber;

    private DemoAuthority(string directory, X509Certificate2 root, X509Certificate2 issuing)
    {
        _directory = directory;
        _root = root;
        _issuing = issuing;
    }

    /// <summary>PEM: the root, which whoever trusts this authority trusts.</summary>
    public string BundleFile => Path.Combine(_directory, "ca.crt");

    /// <summary>PEM: the CRLs.</summary>
    public string CrlFile => Path.Combine(_directory, "ca.crl");

    /// <summary>Makes an authority with no certificate revoked yet.</summary>
    public static async Task<DemoAuthority> CreateAsync(string directory, string name, CancellationToken cancellationToken)
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issuingKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var root = CertificateTemplate.Authority($"{name} Root", rootKey).SelfSign();
        var issuing = CertificateTemplate.Authority($"{name} Issuing", issuingKey).Sign(root).CopyWithPrivateKey(issuingKey);

        var authority = new DemoAuthority(directory, root, issuing);
        await AtomicFile.WriteAsync(authority.BundleFile, root.ExportCertificatePem() + "\n", cancellationToken);
        await authority.PublishCrlsAsync(cancellationToken);
        return authority;
    }

    /// <summary>Issues a certificate for a new key into a directory.</summary>
    public async Task<Workload> IssueAsync(string name, string directory, CancellationToken cancellationToken)
    {
        var workload = new Workload(name, directory);
        await RenewAsync(workload, cancellationToken);
        return workload;
    }

    /// <summary>Replaces a workload's key and certificate. Its sidecar may look between the two: it keeps the old pair until the new one fits.</summary>
    public async Task RenewAsync(Workload workload, CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = CertificateTemplate.Workload(workload, key).Sign(_issuing);
        await AtomicFile.WriteAsync(workload.KeyFile, key.ExportPkcs8PrivateKeyPem() + "\n", cancellationToken);
        await AtomicFile.WriteAsync(workload.CertificateFile, $"{certificate.ExportCertificatePem()}\n{_issuing.ExportCertificatePem()}\n", cancellationToken);
    }

    /// <summary>Revokes a workload's certificate of this moment and publishes the CRL.</summary>
    public async Task RevokeAsync(Workload workload, CancellationToken cancellationToken)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(workload.CertificateFile);
        _revoked.AddEntry(certificate, reason: X509RevocationReason.KeyCompromise);
        await PublishCrlsAsync(cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _root.Dispose();
        _issuing.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task PublishCrlsAsync(CancellationToken cancellationToken)
    {
        _crlNumber++;
        var nextUpdate = TimeProvider.System.GetUtcNow().AddDays(1);
        var crls = new[]
        {
            new CertificateRevocationListBuilder().Build(_root, _crlNumber, nextUpdate, HashAlgorithmName.SHA256),
            _revoked.Build(_issuing, _crlNumber, nextUpdate, HashAlgorithmName.SHA256),
        };
        return AtomicFile.WriteAsync(CrlFile, string.Concat(crls.Select(crl => PemEncoding.WriteString("X509 CRL", crl) + "\n")), cancellationToken);
    }
}
