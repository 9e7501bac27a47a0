using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Paths;

/// <summary>
/// Finds certification paths from a leaf to a trust anchor, one at a time, so that a caller who refuses a path for another reason
/// (a revoked cross-certificate) can ask for the next.
/// </summary>
public sealed class PathSearch
{
    private readonly ParsedCertificate _leaf;
    private readonly IReadOnlyList<ParsedCertificate> _untrusted;
    private readonly IReadOnlyList<ParsedCertificate> _anchors;
    private readonly PathOptions _options;
    private readonly DateTimeOffset _at;
    private bool _done;

    /// <summary>Prepares a search; no work is done until <see cref="TryNext"/>.</summary>
    public PathSearch(
        ParsedCertificate leaf,
        IReadOnlyList<ParsedCertificate> untrusted,
        IReadOnlyList<ParsedCertificate> anchors,
        PathOptions options,
        DateTimeOffset at)
    {
        _leaf = leaf;
        _untrusted = untrusted;
        _anchors = anchors;
        _options = options;
        _at = at;
        Rejection = new PeerRejection(RejectionReason.UntrustedAnchor, "no path leads to a trust anchor");
    }

    /// <summary>Why there is no (further) path.</summary>
    public PeerRejection Rejection { get; private set; }

    /// <summary>Gives the next path that holds.</summary>
    public bool TryNext([NotNullWhen(true)] out CertificationPath? path)
    {
        path = null;
        if (_done)
        {
            return false;
        }

        _done = true;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = _at.LocalDateTime;
        chain.ChainPolicy.CustomTrustStore.AddRange(_anchors.Select(anchor => anchor.Platform).ToArray());
        chain.ChainPolicy.ExtraStore.AddRange(_untrusted.Select(certificate => certificate.Platform).ToArray());
        try
        {
            if (!chain.Build(_leaf.Platform))
            {
                var status = chain.ChainStatus.FirstOrDefault();
                var reason = status.Status switch
                {
                    X509ChainStatusFlags.NotTimeValid => _at < _leaf.NotBefore ? RejectionReason.NotYetValid : RejectionReason.Expired,
                    X509ChainStatusFlags.NotSignatureValid => RejectionReason.BadSignature,
                    _ => RejectionReason.UntrustedAnchor,
                };
                Rejection = new PeerRejection(reason, status.StatusInformation ?? "");
                return false;
            }
        }
        catch (CryptographicException exception)
        {
            Rejection = new PeerRejection(RejectionReason.Malformed, exception.Message);
            return false;
        }

        var certificates = new List<ParsedCertificate>();
        foreach (var element in chain.ChainElements)
        {
            if (!ParsedCertificate.TryParse(element.Certificate.RawDataMemory, out var parsed, out var error))
            {
                Rejection = new PeerRejection(RejectionReason.Malformed, error);
                return false;
            }

            certificates.Add(parsed);
        }

        if (certificates.Count - 2 > _options.MaxDepth)
        {
            Rejection = new PeerRejection(RejectionReason.PathTooLong, $"more than {_options.MaxDepth} intermediates");
            return false;
        }

        path = new CertificationPath(certificates);
        return true;
    }
}
