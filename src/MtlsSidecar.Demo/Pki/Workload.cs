using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.Demo.Pki;

/// <summary>Somebody with an identity: a certificate and a key in files that are replaced when it is renewed.</summary>
/// <param name="Name">Its short name.</param>
/// <param name="Directory">Where its files lie.</param>
internal sealed record Workload(string Name, string Directory)
{
    public const string TrustDomain = "foo.test";

    /// <summary>Who it is.</summary>
    public string SpiffeId => SpiffeIdOf(Name);

    /// <summary>PEM: its certificate, then the authority that issued it.</summary>
    public string CertificateFile => Path.Combine(Directory, "tls.crt");

    /// <summary>PEM: its key.</summary>
    public string KeyFile => Path.Combine(Directory, "tls.key");

    /// <summary>The SPIFFE ID of the workload of that name.</summary>
    public static string SpiffeIdOf(string name) => $"spiffe://{TrustDomain}/ns/default/sa/{name}";

    /// <summary>Reads the serial number of the certificate of this moment, in the spelling of the sidecar's status.</summary>
    public string ReadSerial()
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(CertificateFile);
        return certificate.SerialNumber.TrimStart('0');
    }
}
