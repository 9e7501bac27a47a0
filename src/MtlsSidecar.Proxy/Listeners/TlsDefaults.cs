using System.Diagnostics.CodeAnalysis;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>What is the same for every mutual TLS handshake, inbound and outbound.</summary>
internal static class TlsDefaults
{
    /// <summary>TLS 1.2 and 1.3. Older versions are refused whatever the system's own policy allows (RFC 8996).</summary>
    [SuppressMessage("Security", "CA5398:Avoid hardcoded SslProtocols values", Justification = "A floor that a permissive OpenSSL configuration can't lower is the point.")]
    public static SslProtocols Versions { get; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>A version as OpenSSL and those that follow it name it.</summary>
    [SuppressMessage("Security", "CA5398:Avoid hardcoded SslProtocols values", Justification = "Named, not chosen.")]
    public static string NameOf(SslProtocols version) => version switch
    {
        SslProtocols.Tls13 => "TLSv1.3",
        SslProtocols.Tls12 => "TLSv1.2",
        var other => other.ToString(),
    };

    /// <summary>
    /// The policy under which <c>SslStream</c> builds the chain that it insists on before calling back. Its verdict is ignored, so the
    /// cheapest policy serves: nothing trusted, nothing downloaded, no revocation (the platform's would block on a dead host).
    /// </summary>
    public static X509ChainPolicy NothingTrusted() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };
}
