using System.Formats.Asn1;
using System.Security.Cryptography;

namespace MtlsSidecar.Trust.Paths.Signatures;

/// <summary>The parameters of RSASSA-PSS (RFC 4055 §3.1), of a signature or as a key's restriction of its signatures.</summary>
/// <param name="Hash">The message's hash.</param>
/// <param name="HashLength">Its length in octets.</param>
/// <param name="MaskHash">The hash of the mask generation.</param>
/// <param name="SaltLength">The salt's length in octets; for a key the least.</param>
internal sealed record PssParameters(HashAlgorithmName Hash, int HashLength, HashAlgorithmName MaskHash, int SaltLength)
{
    private const string Sha1 = "1.3.14.3.2.26";
    private const string MaskGeneration1 = "1.2.840.113549.1.1.8";
    private static readonly Asn1Tag HashTag = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag MaskTag = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly Asn1Tag SaltTag = new(TagClass.ContextSpecific, 2, isConstructed: true);

    private static readonly Dictionary<string, (HashAlgorithmName Name, int Length)> Hashes = new()
    {
        [Sha1] = (HashAlgorithmName.SHA1, 20),
        ["2.16.840.1.101.3.4.2.1"] = (HashAlgorithmName.SHA256, 32),
        ["2.16.840.1.101.3.4.2.2"] = (HashAlgorithmName.SHA384, 48),
        ["2.16.840.1.101.3.4.2.3"] = (HashAlgorithmName.SHA512, 64),
    };

    /// <summary>Reads the next value; null for parameters that we don't verify.</summary>
    /// <exception cref="AsnContentException">It is none.</exception>
    public static PssParameters? Read(AsnReader reader)
    {
        var parameters = reader.ReadSequence();
        var hash = Hashes[Sha1];
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
        return new PssParameters(hash.Name, hash.Length, maskHash.Name, saltLength);
    }

    /// <summary>Whether a key with these parameters may make such a signature (RFC 4055 §3.3): the same hashes, no shorter salt. Ours have salts as long as the hash.</summary>
    public bool Allows(SignatureAlgorithm algorithm)
        => algorithm.IsPss && algorithm.Hash == Hash && MaskHash == Hash && SaltLength <= HashLength;

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
