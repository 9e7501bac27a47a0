using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Trust.Paths.Extensions;
using MtlsSidecar.Trust.Paths.Rules;
using MtlsSidecar.Trust.Paths.Signatures;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Paths;

/// <summary>
/// The platform's opinion on a path that already holds by our own rules, given exactly that path's certificates: nothing is accepted that
/// it refuses, save where the cases below say why.
/// </summary>
internal static class PlatformChain
{
    /// <summary>Gives the refusal, or null.</summary>
    public static PeerRejection? Check(IReadOnlyList<ParsedCertificate> path, PathOptions options, DateTimeOffset at)
    {
        // The platform doesn't know inherited DSA parameters (RFC 5280 §6.1.4(e)). Out of reach while the algorithm floor is on.
        if (path.Any(certificate => certificate.Content.Key is { Family: KeyFamily.Dsa, InheritsParameters: true }))
        {
            return null;
        }

        using var chain = new X509Chain();
        try
        {
            var anchor = path[^1].Platform;
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.DisableCertificateDownloads = true;
            chain.ChainPolicy.VerificationTime = at.LocalDateTime;
            chain.ChainPolicy.CustomTrustStore.Add(anchor);
            for (var i = 1; i < path.Count - 1; i++)
            {
                chain.ChainPolicy.ExtraStore.Add(path[i].Platform);
            }

            return chain.Build(path[0].Platform) ? null : Judge(chain.ChainStatus, path, options, at);
        }
        catch (Exception exception)
        {
            // Hostile input makes it throw more than it documents (floods of names, broken keys): whatever it is, it is no consent.
            return new PeerRejection(RejectionReason.Malformed, $"the platform's chain engine failed: {exception.Message}", "X509Chain");
        }
        finally
        {
            foreach (var element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }

    /// <summary>Judges what the platform refused for.</summary>
    internal static PeerRejection? Judge(X509ChainStatus[] statuses, IReadOnlyList<ParsedCertificate> path, PathOptions options, DateTimeOffset at)
    {
        // A refusal without a reason is one: only a reason that we know to be wrong is overruled.
        if (statuses.Length == 0)
        {
            return new PeerRejection(RejectionReason.UntrustedAnchor, "the platform's chain engine refused without saying why", "X509Chain", path[0].SubjectText);
        }

        foreach (var status in statuses)
        {
            if (!IsDocumentedCase(status.Status, path, options, at))
            {
                return new PeerRejection(ReasonFor(status.Status), $"the platform's chain engine: {status.Status}: {status.StatusInformation}", "X509Chain", path[0].SubjectText);
            }
        }

        return null;
    }

    /// <summary>Whether the platform is known to be wrong; its other statuses are heeded in that case as well.</summary>
    private static bool IsDocumentedCase(X509ChainStatusFlags status, IReadOnlyList<ParsedCertificate> path, PathOptions options, DateTimeOffset at) => status switch
    {
        // An anchor need not be self-signed (RFC 5280 §6.1.1(d): a name and a key); the platform wants a root above it.
        X509ChainStatusFlags.PartialChain => !SignatureRules.IsSelfSigned(path[^1]),

        // A bare anchor is a name and a key as well; what stands below it is held to §6.1.4(k) by our own rules.
        X509ChainStatusFlags.InvalidBasicConstraints => BareAnchor.Is(path[^1], options),

        // Without an authority key identifier it takes a self-issued certificate for a self-signed one, ends its chain there and finds that
        // the key it holds didn't sign it. Our own check of the signature, by the issuer's key, has held.
        X509ChainStatusFlags.NotSignatureValid => path.SkipLast(1).Any(IsTakenForSelfSigned),

        // It ends its chain at whatever it holds to be self-signed, an authority under its own cross-certificate included, and so gets to no
        // anchor; our path does.
        X509ChainStatusFlags.UntrustedRoot => path.SkipLast(1).Any(certificate => certificate.IsSelfIssued),

        // The second of notAfter still belongs to the validity period (RFC 5280 §4.1.2.5); the platform ends it one second early.
        X509ChainStatusFlags.NotTimeValid => path.Any(certificate => certificate.NotAfter.ToUnixTimeSeconds() == at.ToUnixTimeSeconds()),

        // Without a DNS name in the leaf, OpenSSL holds its common name to the DNS constraints as if it were one. RFC 5280 §4.2.1.10
        // applies those to alternative names only, and a common name is never a name to us.
        X509ChainStatusFlags.HasNotPermittedNameConstraint or X509ChainStatusFlags.HasExcludedNameConstraint =>
            path[0].SubjectName.HasCommonName
            && !path[0].SubjectAlternativeNames.Any(IsDnsName)
            && path.Any(certificate => certificate.NameConstraints is { } constraints && constraints.Permitted.Concat(constraints.Excluded).Any(IsDnsName)),
        _ => false,
    };

    private static bool IsTakenForSelfSigned(ParsedCertificate certificate)
        => certificate.IsSelfIssued && certificate.AuthorityKeyIdentifier is null && !SignatureRules.IsSelfSigned(certificate);

    private static bool IsDnsName(GeneralName name) => name.Kind == GeneralNameKind.DnsName;

    private static RejectionReason ReasonFor(X509ChainStatusFlags status) => status switch
    {
        X509ChainStatusFlags.NotTimeValid => RejectionReason.Expired,
        X509ChainStatusFlags.NotSignatureValid => RejectionReason.BadSignature,
        X509ChainStatusFlags.InvalidBasicConstraints => RejectionReason.NotAuthority,
        X509ChainStatusFlags.NotValidForUsage => RejectionReason.WrongKeyUsage,
        X509ChainStatusFlags.HasWeakSignature => RejectionReason.WeakAlgorithm,
        X509ChainStatusFlags.InvalidPolicyConstraints or X509ChainStatusFlags.NoIssuanceChainPolicy => RejectionReason.PolicyConstraint,
        X509ChainStatusFlags.InvalidExtension or X509ChainStatusFlags.HasNotSupportedCriticalExtension => RejectionReason.UnknownCriticalExtension,
        X509ChainStatusFlags.InvalidNameConstraints or X509ChainStatusFlags.HasExcludedNameConstraint
            or X509ChainStatusFlags.HasNotPermittedNameConstraint or X509ChainStatusFlags.HasNotDefinedNameConstraint
            or X509ChainStatusFlags.HasNotSupportedNameConstraint => RejectionReason.NameConstraint,
        _ => RejectionReason.UntrustedAnchor,
    };
}
