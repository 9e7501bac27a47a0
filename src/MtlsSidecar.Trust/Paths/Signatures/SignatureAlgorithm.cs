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
    private const string MaskGeneration1 = "1.2.840.113549.1.1.8";
    private static readonly Asn1Tag HashTag = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag MaskTag = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly Asn1Tag SaltTag = new(TagClass.ContextSpecific, 2, isConstructed: true);

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

    private static readonly Dictionary<string, (HashAlgorithmName Name, int Length)> Hashes = new()
    {
        ["1.3.14.3.2.26"] = (HashAlgorithmName.SHA1, 20),
        ["2.16.840.1.101.3.4.2.1"] = (HashAlgorithmName.SHA256, 32),
        ["2.16.840.1.101.3.4.2.2"] = (HashAlgorithmName.SHA384, 48),
        ["2.16.840.1.101.3.4.2.3"] = (HashAlgorithmName.SHA512, 64),
    };

    /// <summary>Whether the algorithm floor admits it.</summary>
    public bool IsStrong => Hash != HashAlgorithmName.SHA1 && Family != KeyFamily.Dsa;

    /// <summary>Reads an <c>AlgorithmIdentifier</c>. False for anything that we can't or won't verify, whoever asks.</summary>
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

    /// <summary>RFC 4055 §3.1. The mask's hash must be that of the message and the salt as long as it: what that
    /// section recommends, and all that the platform verifies.</summary>
    private static SignatureAlgorithm? ReadPss(AsnReader sequence)
    {
        var parameters = sequence.ReadSequence();
        sequence.ThrowIfNotEmpty();
        var hash = Hashes["1.3.14.3.2.26"];
        var maskHash = hash;
        var saltLength = 20;
        if (parameters.HasData && parameters.PeekTag() == HashTag && !TryReadHash(parameters.ReadSequence(HashTag), out hash))
        {
            return null;
        }

        if (parameters.HasData && parameters.PeekTag() == MaskTag)
        {
            var outer = parameters.ReadSequence(MaskTag);
            var mask = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            if (mask.ReadObjectIdentifier() != MaskGeneration1 || !TryReadHash(mask, out maskHash))
            {
                return null;
            }
        }

        if (parameters.HasData && parameters.PeekTag() == SaltTag)
        {
            var salt = parameters.ReadSequence(SaltTag);
            if (!salt.TryReadInt32(out saltLength))
            {
                return null;
            }

            salt.ThrowIfNotEmpty();
        }

        // What is left would be a trailer field, whose only legal value is the default.
        parameters.ThrowIfNotEmpty();
        return maskHash.Name == hash.Name && saltLength == hash.Length ? new SignatureAlgorithm(KeyFamily.Rsa, hash.Name, IsPss: true) : null;
    }

    private static bool TryReadHash(AsnReader outer, out (HashAlgorithmName Name, int Length) hash)
    {
        var identifier = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var known = Hashes.TryGetValue(identifier.ReadObjectIdentifier(), out hash);
        if (identifier.HasData)
        {
            identifier.ReadNull();
        }

        identifier.ThrowIfNotEmpty();
        return known;
    }
}
