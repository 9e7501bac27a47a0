using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.Demo.Pki;

/// <summary>Somebody with an identity: a certificate and a key in files.</summary>
/// <param name="Name">Its short name.</param>
/// <param name="Directory">Where its files lie.</param>
internal sealed record Workload(string Name, string Directory)
{
    public const string TrustDomain = "foo.test";

    /// <summary>Whether its sidecar enrols and renews by itself; otherwise the authority's operator made key and certificate.</summary>
    public bool EnrolsItself { get; init; }

    /// <summary>Who it is.</summary>
    public string SpiffeId => SpiffeIdOf(Name);

    /// <summary>PEM: its certificate, then the authority that issued it. A sidecar keeps its key there too.</summary>
    public string CertificateFile => EnrolsItself ? Path.Combine(StateDirectory, "identity.pem") : Path.Combine(Directory, "tls.crt");

    /// <summary>PEM: its key.</summary>
    public string KeyFile => Path.Combine(Directory, "tls.key");

    /// <summary>With what its sidecar enrols.</summary>
    public string TokenFile => Path.Combine(Directory, "token");

    /// <summary>Where its sidecar keeps what it enrolled for.</summary>
    public string StateDirectory => Path.Combine(Directory, "state");

    /// <summary>The SPIFFE ID of the workload of that name.</summary>
    public static string SpiffeIdOf(string name) => $"spiffe://{TrustDomain}/ns/default/sa/{name}";

    /// <summary>Reads the serial number of the certificate of this moment, in the spelling of the sidecar's status.</summary>
    public string ReadSerial()
    {
        using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(CertificateFile));
        return Convert.ToHexString(certificate.SerialNumberBytes.Span.TrimStart((byte)0));
    }
}
