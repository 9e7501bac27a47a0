using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.Trust.Paths.Signatures;

/// <summary>
/// Verifies the signature on a certificate where only the platform's chain engine can (Ed25519): it is given the two certificates and
/// nothing else, and all that counts of its verdict is whether the signature holds. The other rules are judged elsewhere.
/// </summary>
internal static class PlatformSignature
{
    /// <summary>What the engine may find besides, as our own rules judge it. Whatever is not here refuses, a signature that fails first of all.</summary>
    private const X509ChainStatusFlags JudgedElsewhere =
        X509ChainStatusFlags.NotTimeValid
        | X509ChainStatusFlags.NotTimeNested
        | X509ChainStatusFlags.NotValidForUsage
        | X509ChainStatusFlags.InvalidBasicConstraints
        | X509ChainStatusFlags.InvalidPolicyConstraints
        | X509ChainStatusFlags.NoIssuanceChainPolicy
        | X509ChainStatusFlags.HasNotPermittedNameConstraint
        | X509ChainStatusFlags.HasExcludedNameConstraint
        | X509ChainStatusFlags.HasNotSupportedCriticalExtension
        | X509ChainStatusFlags.PartialChain;

    /// <summary>Whether the subject's signature is by the issuer's key. Fails closed: whatever the engine throws at is no signature.</summary>
    public static bool Holds(ParsedCertificate subject, ParsedCertificate issuer)
    {
        using var chain = new X509Chain();
        try
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.DisableCertificateDownloads = true;
            chain.ChainPolicy.CustomTrustStore.Add(issuer.Platform);
            var holds = chain.Build(subject.Platform) || (chain.ChainStatus.Length > 0 && Array.TrueForAll(chain.ChainStatus, status => (status.Status & ~JudgedElsewhere) == 0));

            // Only a chain of both has put the one's signature to the other's key.
            return holds && chain.ChainElements.Count == 2
                && chain.ChainElements[0].Certificate.RawDataMemory.Span.SequenceEqual(subject.RawData.Span)
                && chain.ChainElements[1].Certificate.RawDataMemory.Span.SequenceEqual(issuer.RawData.Span);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or InvalidOperationException)
        {
            return false;
        }
        finally
        {
            foreach (var element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }
}
