using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace MtlsSidecar.Trust.Paths.Signatures;

/// <summary>
/// A certificate's public key, read strictly: elliptic curves by name only (explicit parameters let a forger choose a generator that fits a
/// victim's key, CVE-2020-0601) and RSA in sizes whose verification costs a bounded time.
/// </summary>
internal sealed class SubjectKey
{
    /// <summary>Below this RSA is broken for anyone, and no setting admits it.</summary>
    private const int MinRsaBits = 1024;

    /// <summary>RSA verification grows with the square of the size; 8192 bits cost about half a millisecond.</summary>
    private const int MaxRsaBits = 8192;

    /// <summary>NIST SP 800-57 part 1 §5.6.1: the least size for 112 bits of security.</summary>
    private const int StrongRsaBits = 2048;

    private const string RsaEncryption = "1.2.840.113549.1.1.1";
    private const string RsaPss = "1.2.840.113549.1.1.10";
    private const string EcPublicKey = "1.2.840.10045.2.1";
    private const string DsaKey = "1.2.840.10040.4.1";
    private static readonly string[] StrongCurves = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"];
    private readonly Func<AsymmetricAlgorithm>? _create;
    private AsymmetricAlgorithm? _key;

    /// <summary>The public value of a DSA key that waits for its parameters.</summary>
    private byte[]? _publicValue;

    private SubjectKey(KeyFamily family, string description, Func<AsymmetricAlgorithm>? create)
    {
        Family = family;
        Description = description;
        _create = create;
    }

    public KeyFamily Family { get; }

    /// <summary>The key's kind and size for people.</summary>
    public string Description { get; }

    /// <summary>Whether the algorithm floor admits it.</summary>
    public bool IsStrong { get; private init; }

    /// <summary>DSA domain parameters to be inherited by the subject's own subjects; null for other families and while inherited.</summary>
    public DSAParameters? DsaParameters { get; private init; }

    /// <summary>Whether this key has no parameters of its own and takes those of its issuer's key (RFC 5280 §6.1.4(e)).</summary>
    public bool InheritsParameters => _create is null;

    /// <summary>Reads a <c>SubjectPublicKeyInfo</c>.</summary>
    /// <param name="info">DER.</param>
    /// <param name="key">The key.</param>
    /// <param name="error">Why it isn't one that we use.</param>
    public static bool TryRead(ReadOnlyMemory<byte> info, [NotNullWhen(true)] out SubjectKey? key, [NotNullWhen(false)] out string? error)
    {
        key = null;
        error = "the kind of key is not supported";
        try
        {
            var document = new AsnReader(info, AsnEncodingRules.DER);
            var sequence = document.ReadSequence();
            document.ThrowIfNotEmpty();
            var algorithm = sequence.ReadSequence();
            var oid = algorithm.ReadObjectIdentifier();
            var parameters = algorithm.HasData ? algorithm.ReadEncodedValue() : default;
            algorithm.ThrowIfNotEmpty();
            var bits = sequence.ReadBitString(out var unusedBits);
            sequence.ThrowIfNotEmpty();
            if (unusedBits == 0)
            {
                key = oid switch
                {
                    RsaEncryption or RsaPss => ReadRsa(bits),
                    EcPublicKey => ReadEllipticCurve(parameters, info),
                    DsaKey => ReadDsa(parameters, bits),
                    _ => null,
                };
            }
        }
        catch (AsnContentException exception)
        {
            error = exception.Message;
        }

        return key is not null;
    }

    /// <summary>The same key with the parameters of its issuer's key; null when it doesn't fit them.</summary>
    public SubjectKey? TryInherit(DSAParameters inherited)
    {
        if (_publicValue is not { } value || value.Length > inherited.P!.Length)
        {
            return null;
        }

        inherited.Y = Padded(value, inherited.P.Length);
        return CreateDsa(inherited);
    }

    /// <summary>Verifies a signature. Fails closed: whatever the platform throws at is no signature.</summary>
    public bool Verify(SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
        => VerifyHash(algorithm, CryptographicOperations.HashData(algorithm.Hash, data), signature);

    /// <summary>Verifies a signature over data of which only the hash is left.</summary>
    public bool VerifyHash(SignatureAlgorithm algorithm, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        if (algorithm.Family != Family || _create is null)
        {
            return false;
        }

        try
        {
            // Two threads may both create the key; either serves, and the loser is left to the garbage collector.
            _key ??= _create();
            return _key switch
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

    private static SubjectKey ReadRsa(ReadOnlyMemory<byte> bits)
    {
        var document = new AsnReader(bits, AsnEncodingRules.DER);
        var sequence = document.ReadSequence();
        document.ThrowIfNotEmpty();
        var modulus = Positive(sequence.ReadIntegerBytes());
        var exponent = Positive(sequence.ReadIntegerBytes());
        sequence.ThrowIfNotEmpty();
        var size = (modulus.Length * 8) - System.Numerics.BitOperations.LeadingZeroCount((uint)modulus[0]) + 24;
        if (size is < MinRsaBits or > MaxRsaBits)
        {
            throw new AsnContentException($"an RSA key of {size} bits is outside {MinRsaBits} to {MaxRsaBits}");
        }

        // Even or 1 is no RSA at all; a long one only serves to make verification slow.
        if (exponent.Length > 5 || (exponent[^1] & 1) == 0 || exponent is [1] || (modulus[^1] & 1) == 0)
        {
            throw new AsnContentException("not an RSA key: its exponent or modulus is out of range");
        }

        return new SubjectKey(KeyFamily.Rsa, $"RSA {size}", () => RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponent }))
        {
            IsStrong = size >= StrongRsaBits && exponent.Length > 2,
        };
    }

    private static SubjectKey ReadEllipticCurve(ReadOnlyMemory<byte> parameters, ReadOnlyMemory<byte> info)
    {
        var document = new AsnReader(parameters, AsnEncodingRules.DER);
        if (!document.HasData || document.PeekTag() != Asn1Tag.ObjectIdentifier)
        {
            throw new AsnContentException("the curve is not given by its name (RFC 5480 §2.1.1)");
        }

        var curve = document.ReadObjectIdentifier();
        document.ThrowIfNotEmpty();
        return new SubjectKey(KeyFamily.EllipticCurve, $"EC {curve}", () => ImportEllipticCurve(info)) { IsStrong = StrongCurves.Contains(curve) };
    }

    private static ECDsa ImportEllipticCurve(ReadOnlyMemory<byte> info)
    {
        var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(info.Span, out _);
        return key;
    }

    private static SubjectKey ReadDsa(ReadOnlyMemory<byte> parameters, ReadOnlyMemory<byte> bits)
    {
        var document = new AsnReader(parameters, AsnEncodingRules.DER);
        if (!document.HasData || document.PeekTag() == Asn1Tag.Null)
        {
            return new SubjectKey(KeyFamily.Dsa, "DSA with inherited parameters", null) { _publicValue = DsaValue(bits) };
        }

        var sequence = document.ReadSequence();
        document.ThrowIfNotEmpty();
        var p = Positive(sequence.ReadIntegerBytes());
        if (p.Length > MaxRsaBits / 8)
        {
            throw new AsnContentException("a DSA key out of range");
        }

        var domain = new DSAParameters
        {
            P = p,
            Q = Positive(sequence.ReadIntegerBytes()),
            G = Padded(Positive(sequence.ReadIntegerBytes()), p.Length),
        };
        sequence.ThrowIfNotEmpty();
        domain.Y = Padded(DsaValue(bits), p.Length);
        return CreateDsa(domain);
    }

    private static SubjectKey CreateDsa(DSAParameters parameters)
        => new(KeyFamily.Dsa, $"DSA {parameters.P!.Length * 8}", () => DSA.Create(parameters)) { DsaParameters = parameters };

    private static byte[] DsaValue(ReadOnlyMemory<byte> bits)
    {
        var document = new AsnReader(bits, AsnEncodingRules.DER);
        var value = Positive(document.ReadIntegerBytes());
        document.ThrowIfNotEmpty();
        return value;
    }

    private static byte[] Positive(ReadOnlyMemory<byte> integer)
    {
        var octets = integer.Span;
        if ((octets[0] & 0x80) != 0 || octets is [0])
        {
            throw new AsnContentException("a key's number is not positive");
        }

        return octets.TrimStart((byte)0).ToArray();
    }

    private static byte[] Padded(byte[] value, int length)
    {
        if (value.Length > length)
        {
            throw new AsnContentException("a DSA value is larger than its modulus");
        }

        var padded = new byte[length];
        value.CopyTo(padded, length - value.Length);
        return padded;
    }
}
