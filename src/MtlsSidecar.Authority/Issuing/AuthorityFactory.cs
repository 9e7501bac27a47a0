using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Authority.Issuing;

/// <summary>Makes the root and issuing authorities: rare acts of an operator, never of the network.</summary>
internal sealed class AuthorityFactory(IAuthorityStore store, KeyRing keys, TimeProvider timeProvider)
{
    /// <summary>The root's name in URLs and file names.</summary>
    public const string RootName = "root";

    /// <summary>The name of the issuing authority that <c>init</c> makes.</summary>
    public const string FirstIssuerName = "issuing-1";

    private static readonly TimeSpan RootLifetime = TimeSpan.FromDays(3652);
    private static readonly TimeSpan IssuerLifetime = TimeSpan.FromDays(1826);

    /// <summary>Makes the root.</summary>
    public async Task<IssuerRecord> CreateRootAsync()
    {
        using var key = keys.Create(RootName, isRoot: true);
        var publicKey = new PublicKey(key);
        var request = CertificateProfiles.Root(store.ReadSettings().TrustDomain, publicKey);
        var now = timeProvider.GetUtcNow();
        var serial = SerialNumber.Create();
        using var certificate = request.Create(
            request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now - Issuance.Backdating, now + RootLifetime, serial.Octets);
        var root = new IssuerRecord(RootName, Parse(certificate), IsRoot: true, IsActive: false);
        await store.AddIssuerAsync(root, Record(root, CertificateKind.Root, RootName));
        return root;
    }

    /// <summary>Makes an issuing authority below the root, whose key is needed for it.</summary>
    /// <param name="root">The root.</param>
    /// <param name="name">A name that no issuer had before.</param>
    /// <param name="isActive">Whether new certificates come from it from now on.</param>
    public async Task<IssuerRecord> CreateIssuerAsync(IssuerRecord root, string name, bool isActive)
    {
        var signer = keys.Open(root);
        using var key = keys.Create(name, isRoot: false);
        var settings = store.ReadSettings();
        var request = CertificateProfiles.Issuer(settings.TrustDomain, name, new PublicKey(key), (root.Certificate, new PublicAddresses(settings.PublishedAt)));
        var now = timeProvider.GetUtcNow();
        using var certificate = signer.Sign(request, (now - Issuance.Backdating, now + IssuerLifetime), SerialNumber.Create());
        var issuer = new IssuerRecord(name, Parse(certificate), IsRoot: false, isActive);
        await store.AddIssuerAsync(issuer, Record(issuer, CertificateKind.Issuer, RootName));
        return issuer;
    }

    private static ParsedCertificate Parse(X509Certificate2 certificate)
        => ParsedCertificate.TryParse(certificate.RawData, out var parsed, out var error)
            ? parsed
            : throw new CryptographicException($"a certificate of our own making can't be read: {error}");

    private static CertificateRecord Record(IssuerRecord issuer, CertificateKind kind, string signer) => new()
    {
        Issuer = signer,
        Serial = SerialNumber.FromOctets(issuer.Certificate.SerialNumber.Span),
        Kind = kind,
        Identity = issuer.Certificate.SubjectText,
        NotBefore = issuer.Certificate.NotBefore,
        NotAfter = issuer.Certificate.NotAfter,
        Origin = "command",
        Certificate = issuer.Certificate.RawData.ToArray(),
    };
}
