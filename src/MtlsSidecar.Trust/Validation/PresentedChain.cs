using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.Trust.Validation;

/// <summary>
/// What a peer presented in its handshake, as untrusted DER: the leaf and the other certificates in the order received.
/// Nothing has been validated; a <see cref="ValidatedPeer"/> is what comes out when everything has.
/// </summary>
public sealed class PresentedChain
{
    /// <summary>
    /// More certificates than any sane chain has; those beyond are not looked at. Reading one costs some ten microseconds, and what a search
    /// among them may cost is bounded by itself.
    /// </summary>
    public const int MaxCertificates = 64;

    /// <summary>Creates a chain from DER.</summary>
    /// <param name="leaf">The peer's own certificate.</param>
    /// <param name="others">What it sent along: intermediates, in any order.</param>
    public PresentedChain(ReadOnlyMemory<byte> leaf, IReadOnlyList<ReadOnlyMemory<byte>> others)
    {
        ArgumentNullException.ThrowIfNull(others);
        Leaf = leaf;
        Others = others;
        LeafFingerprint = Convert.ToHexString(SHA256.HashData(leaf.Span));
        Fingerprint = ComputeFingerprint(leaf, others);
    }

    /// <summary>The peer's own certificate, DER.</summary>
    public ReadOnlyMemory<byte> Leaf { get; }

    /// <summary>The other certificates, DER, as received.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Others { get; }

    /// <summary>SHA-256 of the peer's own certificate.</summary>
    public string LeafFingerprint { get; }

    /// <summary>SHA-256 over all certificates with their lengths: what a verdict on them may be cached for.</summary>
    public string Fingerprint { get; }

    /// <summary>Takes the DER of certificates that the platform's TLS handed over; they may be disposed afterwards.</summary>
    public static PresentedChain From(X509Certificate2 leaf, IEnumerable<X509Certificate2> others)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        ArgumentNullException.ThrowIfNull(others);
        return new PresentedChain(leaf.RawDataMemory, [.. others.Take(MaxCertificates).Select(certificate => certificate.RawDataMemory)]);
    }

    /// <summary>
    /// Takes down what the platform's TLS hands to its validation callback, in either role. Fails closed: null without a certificate, and what
    /// was presented besides the leaf is taken as it came, trusted for nothing.
    /// </summary>
    public static PresentedChain? FromHandshake(X509Certificate? certificate, X509Chain? chain)
    {
        if (certificate is not X509Certificate2 leaf)
        {
            return null;
        }

        var others = chain?.ChainPolicy.ExtraStore ?? [];
        var presented = From(leaf, others);

        // The stream keeps its chain policy, which is a connection's own, and with it these objects of the platform until the connection ends.
        foreach (var other in others)
        {
            other.Dispose();
        }

        others.Clear();
        return presented;
    }

    private static string ComputeFingerprint(ReadOnlyMemory<byte> leaf, IReadOnlyList<ReadOnlyMemory<byte>> others)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(leaf.Span);
        foreach (var other in others)
        {
            Append(other.Span);
        }

        return Convert.ToHexString(hash.GetHashAndReset());

        void Append(ReadOnlySpan<byte> certificate)
        {
            Span<byte> length = stackalloc byte[sizeof(int)];
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(length, certificate.Length);
            hash.AppendData(length);
            hash.AppendData(certificate);
        }
    }
}
