using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>
/// The chain policy under which <c>SslStream</c> builds the chain that it insists on before calling back. Its verdict is ignored, so the
/// cheapest policy serves: nothing trusted, nothing downloaded, no revocation (the platform's would block on a dead host).
/// </summary>
internal static class PlatformChain
{
    /// <summary>A policy that trusts nothing and asks nobody.</summary>
    public static X509ChainPolicy NothingTrusted() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };
}
