using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Peers;

namespace MtlsSidecar.TestKit.Pki;

/// <summary>
/// An authority with an Ed25519 key, and certificates by it, made by the <c>openssl</c> program: .NET has no such keys. Everything lies in
/// one directory as PEM.
/// </summary>
public sealed class Ed25519Authority : IDisposable
{
    private const string Authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n";
    private readonly TestDirectory _directory = new();

    /// <summary>The file of a certificate by its name.</summary>
    public string CertificateFile(string name) => _directory[$"{name}.pem"];

    /// <summary>The file of a key by its certificate's name.</summary>
    public string KeyFile(string name) => _directory[$"{name}.key"];

    /// <summary>A certificate by its name.</summary>
    public X509Certificate2 Certificate(string name) => X509CertificateLoader.LoadCertificateFromFile(CertificateFile(name));

    /// <summary>Makes a self-signed root.</summary>
    public async Task MakeRootAsync(string name, string? subject = null)
    {
        await MakeKeyAsync(name, "ed25519");
        await RunAsync(
            "req", "-x509", "-new", "-key", KeyFile(name), "-subj", $"/CN={subject ?? name}", "-days", "100", "-config", "/dev/null", "-out", CertificateFile(name),
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-addext", "subjectKeyIdentifier=hash");
    }

    /// <summary>Makes an authority below another.</summary>
    public Task MakeAuthorityAsync(string name, string issuer, string? subject = null) => MakeAsync(name, issuer, subject ?? name, Authority, "ed25519");

    /// <summary>Makes a workload's certificate.</summary>
    /// <param name="name">Its name and subject.</param>
    /// <param name="issuer">The issuer's name.</param>
    /// <param name="spiffeId">Its SPIFFE ID.</param>
    /// <param name="algorithm">Its key's: <c>ed25519</c> or <c>EC</c>.</param>
    public Task MakeWorkloadAsync(string name, string issuer, string spiffeId, string algorithm = "ed25519")
        => MakeAsync(name, issuer, name, $"basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nsubjectAltName=URI:{spiffeId}\n", algorithm);

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();

    private async Task MakeAsync(string name, string issuer, string subject, string extensions, string algorithm)
    {
        await MakeKeyAsync(name, algorithm);
        var (request, settings) = (_directory[$"{name}.csr"], _directory[$"{name}.cnf"]);
        await File.WriteAllTextAsync(settings, extensions);
        await RunAsync("req", "-new", "-key", KeyFile(name), "-subj", $"/CN={subject}", "-config", "/dev/null", "-out", request);
        await RunAsync(
            "x509", "-req", "-in", request, "-CA", CertificateFile(issuer), "-CAkey", KeyFile(issuer), "-CAserial", _directory["serial"], "-CAcreateserial",
            "-days", "10", "-extfile", settings, "-out", CertificateFile(name));
    }

    private Task MakeKeyAsync(string name, string algorithm) => RunAsync(
        algorithm == "EC"
            ? ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", KeyFile(name)]
            : ["genpkey", "-algorithm", algorithm, "-out", KeyFile(name)]);

    private static async Task RunAsync(params IReadOnlyList<string> arguments)
    {
        var result = await OpenSsl.RunAsync(arguments);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"openssl {string.Join(' ', arguments)}: {result}");
        }
    }
}
