using System.Formats.Asn1;
using System.Security.Cryptography;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>A signature's <c>AlgorithmIdentifier</c>, understood.</summary>
/// <param name="Kind">The family of the algorithm.</param>
/// <param name="Hash">The hash that is signed.</param>
/// <param name="Padding">The padding, for RSA.</param>
internal sealed record SignatureScheme(SignatureKind Kind, HashAlgorithmName Hash, RSASignaturePadding? Padding)
{
    private const string Pss = "1.2.840.113549.1.1.10";
    private const string Mgf1 = "1.2.840.113549.1.1.8";

    /// <summary>Below the algorithm floor: SHA-1, or DSA.</summary>
    public bool IsWeak => Hash == HashAlgorithmName.SHA1 || Kind == SignatureKind.Dsa;

    /// <summary>Reads an <c>AlgorithmIdentifier</c>.</summary>
    /// <returns>Null when the algorithm is not one that is ever accepted, such as MD5.</returns>
    /// <exception cref="AsnContentException">It is malformed.</exception>
    public static SignatureScheme? Read(ReadOnlyMemory<byte> algorithmIdentifier)
    {
        var outer = new AsnReader(algorithmIdentifier, AsnEncodingRules.DER);
        var fields = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var oid = fields.ReadObjectIdentifier();
        if (oid == Pss)
        {
            return ReadPss(fields);
        }

        var scheme = oid switch
        {
            "1.2.840.113549.1.1.5" => Rsa(HashAlgorithmName.SHA1),
            "1.2.840.113549.1.1.11" => Rsa(HashAlgorithmName.SHA256),
            "1.2.840.113549.1.1.12" => Rsa(HashAlgorithmName.SHA384),
            "1.2.840.113549.1.1.13" => Rsa(HashAlgorithmName.SHA512),
            "1.2.840.10045.4.1" => new SignatureScheme(SignatureKind.Ecdsa, HashAlgorithmName.SHA1, null),
            "1.2.840.10045.4.3.2" => new SignatureScheme(SignatureKind.Ecdsa, HashAlgorithmName.SHA256, null),
            "1.2.840.10045.4.3.3" => new SignatureScheme(SignatureKind.Ecdsa, HashAlgorithmName.SHA384, null),
            "1.2.840.10045.4.3.4" => new SignatureScheme(SignatureKind.Ecdsa, HashAlgorithmName.SHA512, null),
            "1.2.840.10040.4.3" => new SignatureScheme(SignatureKind.Dsa, HashAlgorithmName.SHA1, null),
            "2.16.840.1.101.3.4.3.2" => new SignatureScheme(SignatureKind.Dsa, HashAlgorithmName.SHA256, null),
            _ => null,
        };

        // RSA has NULL there (RFC 4055 §5, absent is tolerated), the others nothing (RFC 5758 §3): bytes that mean nothing hide something.
        if (scheme is { Kind: SignatureKind.Rsa } && fields.HasData)
        {
            fields.ReadNull();
        }

        if (scheme is not null)
        {
            fields.ThrowIfNotEmpty();
        }

        return scheme;
    }

    private static SignatureScheme Rsa(HashAlgorithmName hash) => new(SignatureKind.Rsa, hash, RSASignaturePadding.Pkcs1);

    /// <summary>RSASSA-PSS (RFC 4055 §3.1) as the platform verifies it: one hash for both, salt as long as the hash.</summary>
    private static SignatureScheme? ReadPss(AsnReader fields)
    {
        var parameters = fields.ReadSequence();
        fields.ThrowIfNotEmpty();
        var hash = IsNext(parameters, 0) ? ReadHash(parameters.ReadSequence(Tag(0)).ReadSequence()) : HashAlgorithmName.SHA1;
        HashAlgorithmName? maskHash = HashAlgorithmName.SHA1;
        if (IsNext(parameters, 1))
        {
            var mask = parameters.ReadSequence(Tag(1)).ReadSequence();
            maskHash = mask.ReadObjectIdentifier() == Mgf1 ? ReadHash(mask.ReadSequence()) : null;
        }

        var saltLength = 20;
        if (IsNext(parameters, 2) && !parameters.ReadSequence(Tag(2)).TryReadInt32(out saltLength))
        {
            return null;
        }

        if (IsNext(parameters, 3) && (!parameters.ReadSequence(Tag(3)).TryReadInt32(out var trailer) || trailer != 1))
        {
            return null;
        }

        parameters.ThrowIfNotEmpty();
        var expectedSalt = hash == HashAlgorithmName.SHA256 ? 32 : hash == HashAlgorithmName.SHA384 ? 48 : hash == HashAlgorithmName.SHA512 ? 64 : 20;
        return hash is { } name && hash == maskHash && saltLength == expectedSalt ? new SignatureScheme(SignatureKind.Rsa, name, RSASignaturePadding.Pss) : null;
    }

    private static HashAlgorithmName? ReadHash(AsnReader algorithm) => algorithm.ReadObjectIdentifier() switch
    {
        "1.3.14.3.2.26" => HashAlgorithmName.SHA1,
        "2.16.840.1.101.3.4.2.1" => HashAlgorithmName.SHA256,
        "2.16.840.1.101.3.4.2.2" => HashAlgorithmName.SHA384,
        "2.16.840.1.101.3.4.2.3" => HashAlgorithmName.SHA512,
        _ => null,
    };

    private static Asn1Tag Tag(int number) => new(TagClass.ContextSpecific, number, isConstructed: true);

    private static bool IsNext(AsnReader reader, int number) => reader.HasData && reader.PeekTag().HasSameClassAndValue(Tag(number));
}
