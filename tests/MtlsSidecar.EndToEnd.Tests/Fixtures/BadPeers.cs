using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.EndToEnd.Tests.Fixtures;

/// <summary>One certificate per rule, wrong in that one respect, with the reason by which it must be refused.</summary>
public static class BadPeers
{
    private static readonly Dictionary<string, (string Reason, Func<WorkloadPki, TestCertificate> Forge)> Kinds = new()
    {
        ["issued by a foreign authority"] = ("UntrustedAnchor", pki => pki.ForeignIssuing.Issue(Web)),
        ["expired"] = ("Expired", pki => pki.Issuing.Issue(Web with { NotBefore = Now.AddHours(-2), NotAfter = Now.AddMinutes(-1) })),
        ["not yet valid"] = ("NotYetValid", pki => pki.Issuing.Issue(Web with { NotBefore = Now.AddHours(1), NotAfter = Now.AddHours(2) })),
        ["self-signed"] = ("UntrustedAnchor", _ => SelfSigned("web")),
        ["for servers only"] = ("WrongKeyUsage", pki => pki.Issuing.Issue(Web with { Usages = [IssueOptions.ServerAuthentication] })),
        ["without digital signature"] = ("WrongKeyUsage", pki => pki.Issuing.Issue(Web with { Configure = request => Replace(request, new X509KeyUsageExtension(X509KeyUsageFlags.KeyAgreement, true)) })),
        ["of an authority"] = ("AuthorityAsLeaf", pki => pki.Issuing.Issue(Web with { Configure = request => Replace(request, new X509BasicConstraintsExtension(true, false, 0, true)) })),
        ["signed with SHA-1"] = ("WeakAlgorithm", pki => pki.Issuing.Issue(Web with { SignatureHash = HashAlgorithmName.SHA1 })),
        ["with a 1024-bit RSA key"] = ("WeakAlgorithm", pki => pki.Issuing.Issue(Web with { Key = RSA.Create(1024) })),
        ["with two URI names"] = ("IdentityAmbiguous", pki => pki.Issuing.Issue(Web with { Uris = [WorkloadPki.SpiffeId("web"), WorkloadPki.SpiffeId("admin")] })),
        ["without any name"] = ("IdentityMissing", pki => pki.Issuing.Issue(new IssueOptions { Subject = "CN=web" })),
        ["of another trust domain"] = ("UntrustedAnchor", pki => pki.Issuing.Issue(Web with { Uris = ["spiffe://bar.test/ns/default/sa/web"] })),
        ["with an unknown critical extension"] = ("UnknownCriticalExtension", pki => pki.Issuing.Issue(Web with { Configure = request => request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.55555.1", [5, 0], critical: true)) })),
    };

    /// <summary>Kind and reason of each.</summary>
    public static TheoryData<string, string> All
    {
        get
        {
            var data = new TheoryData<string, string>();
            Kinds.ToList().ForEach(kind => data.Add(kind.Key, kind.Value.Reason));
            return data;
        }
    }

    private static IssueOptions Web => WorkloadPki.ForWorkload("web");

    private static DateTimeOffset Now => DateTimeOffset.UtcNow;

    /// <summary>Forges the certificate and writes it to files of their own.</summary>
    public static WorkloadFiles Forge(WorkloadPki pki, string kind) => pki.Write($"bad-{Guid.NewGuid():N}", Kinds[kind].Forge(pki));

    /// <summary>A certificate by nobody but itself.</summary>
    public static TestCertificate SelfSigned(string workload)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={workload}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(WorkloadPki.SpiffeId(workload)));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        using var certificate = request.CreateSelfSigned(Now.AddMinutes(-5), Now.AddDays(1));
        return new TestCertificate(X509CertificateLoader.LoadCertificate(certificate.RawData), key, []);
    }

    /// <summary>Puts an extension in the place of the one that is there.</summary>
    public static void Replace(CertificateRequest request, X509Extension extension)
    {
        var old = request.CertificateExtensions.Single(present => present.Oid?.Value == extension.Oid?.Value);
        request.CertificateExtensions.Remove(old);
        request.CertificateExtensions.Add(extension);
    }
}
