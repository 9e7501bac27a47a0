using System.Net;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Files;

namespace MtlsSidecar.TestKit.Pki;

/// <summary>
/// The certificates of the story that the tests tell, as files: trust domain foo.test with a root, an issuing authority and its
/// workloads (web calls orders and users), a stranger's authority, and current CRLs.
/// </summary>
public sealed class WorkloadPki : IDisposable
{
    public const string TrustDomain = "foo.test";

    private readonly List<X509Certificate2> _revoked = [];
    private long _crlNumber;

    public WorkloadPki()
    {
        Issuing = Root.CreateIntermediate("Foo Issuing");
        ForeignIssuing = ForeignRoot.CreateIntermediate("Bar Issuing");
        BundleFile = Directory.Write("ca.crt", Root.Certificate.ExportCertificatePem() + "\n");
        CrlFile = Directory["ca.crl"];
        WriteCrls();
        Web = Issue("web");
        Orders = Issue("orders");
        Users = Issue("users");
        Foreign = Issue("foreign", ForWorkload("web"), ForeignIssuing);
    }

    public TestDirectory Directory { get; } = new();

    public TestAuthority Root { get; } = TestAuthority.CreateRoot("Foo Root");

    public TestAuthority Issuing { get; }

    public TestAuthority ForeignRoot { get; } = TestAuthority.CreateRoot("Bar Root");

    public TestAuthority ForeignIssuing { get; }

    /// <summary>The trust bundle: the root alone.</summary>
    public string BundleFile { get; }

    /// <summary>Current CRLs of root and issuing authority, PEM.</summary>
    public string CrlFile { get; }

    public WorkloadFiles Web { get; }

    public WorkloadFiles Orders { get; }

    public WorkloadFiles Users { get; }

    /// <summary>Claims to be web, under the stranger's authority.</summary>
    public WorkloadFiles Foreign { get; }

    public static string SpiffeId(string workload) => $"spiffe://{TrustDomain}/ns/default/sa/{workload}";

    /// <summary>What a good certificate of this workload says: SPIFFE ID, localhost and 127.0.0.1.</summary>
    public static IssueOptions ForWorkload(string name) => new()
    {
        Subject = $"CN={name}",
        Uris = [SpiffeId(name)],
        DnsNames = ["localhost", $"{name}.internal"],
        IpAddresses = [IPAddress.Loopback],
    };

    /// <summary>Issues a certificate and writes it and its key; the files' name need not be the workload's.</summary>
    public WorkloadFiles Issue(string fileName, IssueOptions? options = null, TestAuthority? authority = null) =>
        Write(fileName, (authority ?? Issuing).Issue(options ?? ForWorkload(fileName)));

    /// <summary>Writes a certificate and its key as PEM files.</summary>
    public WorkloadFiles Write(string fileName, TestCertificate certificate) =>
        new(Directory.Write($"{fileName}.crt", certificate.CertificatePem), Directory.Write($"{fileName}.key", certificate.KeyPem), certificate);

    /// <summary>Adds the certificate to the issuing authority's CRL and replaces the file in one step.</summary>
    public void Revoke(WorkloadFiles workload)
    {
        _revoked.Add(workload.Certificate.Certificate);
        WriteCrls();
    }

    /// <summary>A CRL of the issuing authority as it is now, DER.</summary>
    public byte[] IssuingCrl(DateTimeOffset? nextUpdate = null, DateTimeOffset? thisUpdate = null) =>
        Issuing.CreateCrl(_revoked, ++_crlNumber, nextUpdate, thisUpdate);

    public static string CrlPem(byte[] der) => System.Security.Cryptography.PemEncoding.WriteString("X509 CRL", der) + "\n";

    public void Dispose()
    {
        Directory.Dispose();
        foreach (var authority in new[] { Root, Issuing, ForeignRoot, ForeignIssuing })
        {
            authority.Dispose();
        }
    }

    private void WriteCrls()
    {
        var issuing = IssuingCrl();
        AtomicRename.Write(CrlFile, CrlPem(Root.CreateCrl([], _crlNumber)) + CrlPem(issuing));
    }
}
