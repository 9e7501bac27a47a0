using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.Trust.Paths.Signatures;

/// <summary>A certificate's public key, as <see cref="SubjectKeyReader"/> admits it.</summary>
internal sealed record SubjectKey(KeyFamily Family, string Description)
{
    /// <summary>The key as it was read (<c>SubjectPublicKeyInfo</c>), DER.</summary>
    public ReadOnlyMemory<byte> Info { get; init; }

    /// <summary>Whether the algorithm floor admits it.</summary>
    public bool IsStrong { get; init; }

    /// <summary>What a verification costs, counted in those by RSA of 2048 bits, as far as it depends on who made the key.</summary>
    public int VerificationCost { get; init; } = 1;

    /// <summary>Whether its own algorithm identifier restricts it to RSASSA-PSS (RFC 4055 §1.2).</summary>
    public bool IsPssOnly { get; init; }

    /// <summary>The parameters to which such a key restricts its signatures (RFC 4055 §3.3); null for any.</summary>
    public PssParameters? PssParameters { get; init; }

    /// <summary>The numbers of an RSA key.</summary>
    public RSAParameters RsaParameters { get; init; }

    /// <summary>The numbers of a DSA key; null for other families and for a key that waits for its issuer's.</summary>
    public DSAParameters? DsaParameters { get; init; }

    /// <summary>The public value of a DSA key without parameters, which takes those of its issuer's key (RFC 5280 §6.1.4(e)).</summary>
    public byte[]? InheritingValue { get; init; }

    /// <summary>Whether the key can't be used before its issuer's is known.</summary>
    public bool InheritsParameters => InheritingValue is not null;

    /// <summary>Reads a <c>SubjectPublicKeyInfo</c>.</summary>
    /// <param name="info">DER.</param>
    /// <param name="key">The key.</param>
    /// <param name="error">Why it isn't one that we use.</param>
    public static bool TryRead(ReadOnlyMemory<byte> info, [NotNullWhen(true)] out SubjectKey? key, [NotNullWhen(false)] out string? error)
    {
        (key, error) = (null, null);
        try
        {
            key = SubjectKeyReader.Read(info) with { Info = info };
            return true;
        }
        catch (AsnContentException exception)
        {
            error = exception.Message;
            return false;
        }
    }

    /// <summary>The same key with the parameters of its issuer's key; null when it doesn't fit them.</summary>
    public SubjectKey? TryInherit(DSAParameters inherited)
    {
        if (InheritingValue is not { } value || value.Length > inherited.P!.Length)
        {
            return null;
        }

        inherited.Y = new byte[inherited.P.Length];
        value.CopyTo(inherited.Y, inherited.P.Length - value.Length);
        return new SubjectKey(Family, Description) { DsaParameters = inherited };
    }

    /// <summary>
    /// Verifies a signature; never one by Ed25519, which <see cref="PlatformSignature"/> does for certificates. The platform's key object is made anew each time, as it promises nothing about use by several threads and an
    /// anchor's key serves all of them. Fails closed: whatever the platform throws at is no signature.
    /// </summary>
    /// <param name="algorithm">The signature's algorithm.</param>
    /// <param name="owner">The certificate that holds this key.</param>
    /// <param name="data">What was signed.</param>
    /// <param name="signature">The signature.</param>
    public bool Verify(SignatureAlgorithm algorithm, ParsedCertificate owner, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
        => algorithm.Family == Family && Family != KeyFamily.Ed25519 && Verify(algorithm, CryptographicOperations.HashData(algorithm.Hash, data), signature, owner);

    /// <summary>Verifies a signature over data of which only the hash is left, by a key without a certificate at hand.</summary>
    public bool VerifyHash(SignatureAlgorithm algorithm, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
        => Verify(algorithm, hash, signature, owner: null);

    private bool Verify(SignatureAlgorithm algorithm, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, ParsedCertificate? owner)
    {
        if (algorithm.Family != Family || (IsPssOnly && !algorithm.IsPss) || PssParameters?.Allows(algorithm) == false)
        {
            return false;
        }

        try
        {
            using var key = Create(owner);
            return key switch
            {
                RSA rsa => rsa.VerifyHash(hash, signature, algorithm.Hash, algorithm.IsPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1),
                ECDsa ec => ec.VerifyHash(hash, signature, DSASignatureFormat.Rfc3279DerSequence),
                DSA dsa => dsa.VerifySignature(hash, signature, DSASignatureFormat.Rfc3279DerSequence),
                _ => false,
            };
        }
        catch (CryptographicException)
        {
            return false;
        }
        catch (PlatformNotSupportedException)
        {
            return false;
        }
    }

    /// <summary>A curve's point comes out of the certificate that the platform has read, if any: to import it costs ten times as much.</summary>
    private AsymmetricAlgorithm? Create(ParsedCertificate? owner) => Family switch
    {
        KeyFamily.Rsa => RSA.Create(RsaParameters),
        KeyFamily.EllipticCurve => owner is null ? Import() : owner.Platform.GetECDsaPublicKey(),
        KeyFamily.Dsa when DsaParameters is { } parameters => DSA.Create(parameters),
        _ => null,
    };

    private ECDsa Import()
    {
        var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Info.Span, out _);
        return key;
    }
}
