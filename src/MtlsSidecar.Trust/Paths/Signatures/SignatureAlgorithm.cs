using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace MtlsSidecar.Trust.Paths.Signatures;

/// <summary>A signature algorithm that we can verify.</summary>
/// <param name="Family">The kind of key that it needs.</param>
/// <param name="Hash">The hash.</param>
/// <param name="IsPss">Whether it is RSASSA-PSS.</param>
internal sealed record SignatureAlgorithm(KeyFamily Family, HashAlgorithmName Hash, bool IsPss = false)
{
    private const string RsaPss = "1.2.840.113549.1.1.10";

    private static readonly Dictionary<string, SignatureAlgorithm> Plain = new()
    {
        ["1.2.840.113549.1.1.11"] = new(KeyFamily.Rsa, HashAlgorithmName.SHA256),
        ["1.2.840.113549.1.1.12"] = new(KeyFamily.Rsa, HashAlgorithmName.SHA384),
        ["1.2.840.113549.1.1.13"] = new(KeyFamily.Rsa, HashAlgorithmName.SHA512),
        ["1.2.840.10045.4.3.2"] = new(KeyFamily.EllipticCurve, HashAlgorithmName.SHA256),
        ["1.2.840.10045.4.3.3"] = new(KeyFamily.EllipticCurve, HashAlgorithmName.SHA384),
        ["1.2.840.10045.4.3.4"] = new(KeyFamily.EllipticCurve, HashAlgorithmName.SHA512),

        // Below the floor, verified only when an operator switched it off. MD2, MD4 and MD5 are not here: to forge them is an afternoon's work.
        ["1.2.840.113549.1.1.5"] = new(KeyFamily.Rsa, HashAlgorithmName.SHA1),
        ["1.3.14.3.2.29"] = new(KeyFamily.Rsa, HashAlgorithmName.SHA1),
        ["1.2.840.10045.4.1"] = new(KeyFamily.EllipticCurve, HashAlgorithmName.SHA1),
        ["1.2.840.10040.4.3"] = new(KeyFamily.Dsa, HashAlgorithmName.SHA1),
        ["2.16.840.1.101.3.4.3.2"] = new(KeyFamily.Dsa, HashAlgorithmName.SHA256),
    };

    private static readonly byte[] Ed25519Identifier = [0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70];

    /// <summary>RFC 8410: hashes within itself, and so has no hash of its own.</summary>
    private static readonly SignatureAlgorithm Ed25519 = new(KeyFamily.Ed25519, default);

    /// <summary>Whether the algorithm floor admits it.</summary>
    public bool IsStrong => Hash != HashAlgorithmName.SHA1 && Family != KeyFamily.Dsa;

    /// <summary>Reads the algorithm of a certificate's signature: besides those of <see cref="TryRead"/>, Ed25519.</summary>
    public static bool TryReadForCertificate(ReadOnlyMemory<byte> identifier, [NotNullWhen(true)] out SignatureAlgorithm? algorithm)
    {
        // RFC 8410 §3: no parameters, so there is exactly one encoding.
        algorithm = identifier.Span.SequenceEqual(Ed25519Identifier) ? Ed25519 : null;
        return algorithm is not null || TryRead(identifier, out algorithm);
    }

    /// <summary>
    /// Reads an <c>AlgorithmIdentifier</c>. False for anything that we can't or won't verify, whoever asks; with Ed25519 that is
    /// everything but certificates.
    /// </summary>
    public static bool TryRead(ReadOnlyMemory<byte> identifier, [NotNullWhen(true)] out SignatureAlgorithm? algorithm)
    {
        algorithm = null;
        try
        {
            var document = new AsnReader(identifier, AsnEncodingRules.DER);
            var sequence = document.ReadSequence();
            document.ThrowIfNotEmpty();
            var oid = sequence.ReadObjectIdentifier();
            if (oid == RsaPss)
            {
                algorithm = ReadPss(sequence);
            }
            else if (Plain.TryGetValue(oid, out var plain) && HasNoParameters(sequence, plain.Family))
            {
                algorithm = plain;
            }
        }
        catch (AsnContentException)
        {
            algorithm = null;
        }

        return algorithm is not null;
    }

    /// <summary>RSA may have NULL (RFC 4055 §5); ECDSA and DSA have nothing at all (RFC 5758 §3).</summary>
    private static bool HasNoParameters(AsnReader sequence, KeyFamily family)
    {
        if (sequence.HasData && family == KeyFamily.Rsa)
        {
            sequence.ReadNull();
        }

        return !sequence.HasData;
    }

    /// <summary>The mask's hash must be that of the message and the salt as long as it: what RFC 4055 §3.1 recommends, and all that the
    /// platform verifies.</summary>
    private static SignatureAlgorithm? ReadPss(AsnReader sequence)
    {
        var parameters = PssParameters.Read(sequence);
        sequence.ThrowIfNotEmpty();
        return parameters is { } pss && pss.MaskHash == pss.Hash && pss.SaltLength == pss.HashLength
            ? new SignatureAlgorithm(KeyFamily.Rsa, pss.Hash, IsPss: true)
            : null;
    }
}
