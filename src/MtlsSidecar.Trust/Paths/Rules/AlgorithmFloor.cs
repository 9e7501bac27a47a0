using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Paths.Rules;

/// <summary>
/// The least strength of keys and signatures: RSA of 2048 bits and more with SHA-2, ECDSA on P-256, P-384, P-521 with SHA-2, and
/// Ed25519. An anchor's own signature proves nothing and is not judged; its key is.
/// </summary>
internal static class AlgorithmFloor
{
    private const string Rule = "algorithm floor";

    /// <summary>Gives the refusal, or null.</summary>
    public static PeerRejection? Check(ParsedCertificate certificate, CertificateContent content, bool isAnchor, PathOptions options)
    {
        if (!options.AlgorithmFloor)
        {
            return null;
        }

        if (content.Key is not { } key)
        {
            return Refuse(content.KeyError!);
        }

        if (!key.IsStrong)
        {
            return Refuse($"key {key.Description} is too weak");
        }

        return isAnchor || content.SignatureAlgorithm is { IsStrong: true } ? null : Refuse("the signature's algorithm is too weak or not supported");

        PeerRejection Refuse(string detail) => new(RejectionReason.WeakAlgorithm, detail, Rule, certificate.SubjectText);
    }
}
