using System.Security.Cryptography;
using System.Diagnostics.CodeAnalysis;

namespace MtlsSidecar.Trust.Paths.Signatures;

/// <summary>
/// For a certification authority: whether a requester holds a key that is worth certifying. The same key and signature rules as in path
/// validation, so that nothing is issued that a peer would refuse.
/// </summary>
public static class ProofOfPossession
{
    /// <summary>Verifies a self-signed request (RFC 2986 §4.2).</summary>
    /// <param name="subjectPublicKeyInfo">The requester's key, DER.</param>
    /// <param name="algorithm">The signature's <c>AlgorithmIdentifier</c>, DER.</param>
    /// <param name="data">What was signed.</param>
    /// <param name="signature">The signature's bits.</param>
    /// <param name="error">Why it doesn't hold.</param>
    /// <returns>Whether key and signature are above the algorithm floor and belong together.</returns>
    public static bool TryVerify(
        ReadOnlyMemory<byte> subjectPublicKeyInfo,
        ReadOnlyMemory<byte> algorithm,
        ReadOnlySpan<byte> data,
        ReadOnlySpan<byte> signature,
        [NotNullWhen(false)] out string? error)
    {
        if (!SubjectKey.TryRead(subjectPublicKeyInfo, out var key, out error))
        {
            return false;
        }

        error = (key, SignatureAlgorithm.TryRead(algorithm, out var scheme)) switch
        {
            ({ IsStrong: false }, _) => $"the key {key.Description} is too weak",
            (_, false) => "the signature's algorithm is not supported",
            (_, true) when !scheme!.IsStrong => "the signature's algorithm is too weak",
            _ => key.VerifyHash(scheme!, CryptographicOperations.HashData(scheme!.Hash, data), signature) ? null : "the signature is not by the key in the request",
        };
        return error is null;
    }
}
