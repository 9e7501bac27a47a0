using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Authority.Issuing;

/// <summary>What each kind of certificate says (RFC 5280 §4.2, SPIFFE X.509-SVID §3 and §4). Nothing in them comes from a requester but the key.</summary>
internal static class CertificateProfiles
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string OcspSigning = "1.3.6.1.5.5.7.3.9";
    private const string OcspNoCheck = "1.3.6.1.5.5.7.48.1.5";
    private const int MaxNameLength = 64;
    private static readonly byte[] Null = [0x05, 0x00];

    /// <summary>The trust anchor: may have issuing authorities below it, and those no further ones.</summary>
    public static CertificateRequest Root(TrustDomain trustDomain, PublicKey key)
    {
        var request = Authority($"{trustDomain} root", trustDomain, key, pathLength: 1);
        request.CertificateExtensions.Add(AlternativeNames.Build($"spiffe://{trustDomain}", [], []));
        return request;
    }

    /// <summary>An issuing authority below the root.</summary>
    public static CertificateRequest Issuer(TrustDomain trustDomain, string name, PublicKey key, (ParsedCertificate Certificate, PublicAddresses Addresses) root)
    {
        var request = Authority($"{trustDomain} {name}", trustDomain, key, pathLength: 0);
        request.CertificateExtensions.Add(AlternativeNames.Build($"spiffe://{trustDomain}", [], []));
        AddIssuer(request, root.Certificate);
        request.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([root.Addresses.Crl("root")]));
        request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension([], [root.Addresses.Certificate("root")]));
        return request;
    }

    /// <summary>A workload, for both ends of a connection.</summary>
    public static CertificateRequest Workload(WorkloadSubject subject, PublicKey key, (SigningAuthority Authority, PublicAddresses Addresses) issuer)
        => Leaf(subject, [], [ServerAuthentication, ClientAuthentication], key, issuer);

    /// <summary>The authority's own TLS server. It is no client: its certificate opens no sidecar.</summary>
    public static CertificateRequest Server(
        WorkloadSubject subject, IReadOnlyList<IPAddress> addresses, PublicKey key, (SigningAuthority Authority, PublicAddresses Addresses) issuer)
        => Leaf(subject, addresses, [ServerAuthentication], key, issuer);

    /// <summary>
    /// An OCSP responder, delegated by the issuer whose certificates it speaks of (RFC 6960 §4.2.2.2). Its own revocation is not looked up
    /// (§4.2.2.2.1): it lives for days only, and its key never leaves memory.
    /// </summary>
    public static CertificateRequest OcspResponder(string issuer, PublicKey key, ParsedCertificate issuerCertificate)
    {
        var request = new CertificateRequest(Name($"{issuer} OCSP responder"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(OcspSigning)], true));
        request.CertificateExtensions.Add(new X509Extension(OcspNoCheck, Null, false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(key, false));
        AddIssuer(request, issuerCertificate);
        return request;
    }

    private static CertificateRequest Authority(string name, TrustDomain trustDomain, PublicKey key, int pathLength)
    {
        var request = new CertificateRequest(Name(name, trustDomain.Name), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, pathLength, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(key, false));
        return request;
    }

    private static CertificateRequest Leaf(
        WorkloadSubject subject, IReadOnlyList<IPAddress> addresses, string[] usages, PublicKey key, (SigningAuthority Authority, PublicAddresses Addresses) issuer)
    {
        var request = new CertificateRequest(Name(LastSegment(subject.Id), subject.Id.TrustDomain.Name), key, HashAlgorithmName.SHA256);
        var extensions = request.CertificateExtensions;
        extensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        extensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        extensions.Add(new X509EnhancedKeyUsageExtension([.. usages.Select(usage => new Oid(usage))], false));
        extensions.Add(AlternativeNames.Build(subject.Id.ToString(), subject.DnsNames, addresses));
        extensions.Add(new X509SubjectKeyIdentifierExtension(key, false));
        AddIssuer(request, issuer.Authority.Certificate);
        extensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([issuer.Addresses.Crl(issuer.Authority.Name)]));
        extensions.Add(new X509AuthorityInformationAccessExtension([issuer.Addresses.Ocsp], [issuer.Addresses.Certificate(issuer.Authority.Name)]));
        return request;
    }

    private static void AddIssuer(CertificateRequest request, ParsedCertificate issuer) => request.CertificateExtensions.Add(
        X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(issuer.SubjectKeyIdentifier!.Value.Span));

    /// <summary>The subject is for people who read logs; who a workload is says its alternative name alone.</summary>
    private static string LastSegment(SpiffeId id) => id.Path[(id.Path.LastIndexOf('/') + 1)..];

    /// <summary>RFC 5280 appendix A.1 allows 64 characters each.</summary>
    private static X500DistinguishedName Name(string commonName, string? organization = null)
    {
        var builder = new X500DistinguishedNameBuilder();
        builder.AddCommonName(Bounded(commonName));
        if (organization is not null)
        {
            // The builder writes the last first, and the convention is organization before name.
            builder.AddOrganizationName(Bounded(organization));
        }

        return builder.Build();

        static string Bounded(string text) => text.Length <= MaxNameLength ? text : text[..MaxNameLength];
    }
}
