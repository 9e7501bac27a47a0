using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;

namespace MtlsSidecar.Trust.Paths.Signatures;

/// <summary>
/// Reads public keys strictly: elliptic curves by name only (explicit parameters let a forger choose a generator that fits a victim's key,
/// CVE-2020-0601) and numbers in sizes whose verification costs a bounded time.
/// </summary>
internal static class SubjectKeyReader
{
    /// <summary>Below this RSA is broken for anyone, and no setting admits it.</summary>
    private const int MinRsaBits = 1024;

    /// <summary>Verification grows with the square of the size; 8192 bits cost about half a millisecond.</summary>
    private const int MaxBits = 8192;

    /// <summary>NIST SP 800-57 part 1 §5.6.1: the least size for 112 bits of security.</summary>
    private const int StrongRsaBits = 2048;

    /// <summary>A longer exponent only serves to make verification slow.</summary>
    private const int MaxExponentLength = 5;

    /// <summary>FIPS 186-5 §A.1.1 wants more than 2^16: three octets, as the exponent is odd.</summary>
    private const int StrongExponentLength = 3;

    /// <summary>65537 in three octets is everybody's; four leave room for the odd ones. Longer ones double the cost of a check for nothing.</summary>
    private const int LongestStrongExponent = 4;

    private const string RsaEncryption = "1.2.840.113549.1.1.1";
    private const string RsaPss = "1.2.840.113549.1.1.10";
    private const string EcPublicKey = "1.2.840.10045.2.1";
    private const string Ed25519 = "1.3.101.112";
    private const int Ed25519Length = 32;

    /// <summary>The platform builds a chain for each: about a quarter of a millisecond.</summary>
    private const int Ed25519Cost = 5;

    private const string DsaKey = "1.2.840.10040.4.1";

    private static readonly Dictionary<string, string> StrongCurves = new()
    {
        ["1.2.840.10045.3.1.7"] = "P-256",
        ["1.3.132.0.34"] = "P-384",
        ["1.3.132.0.35"] = "P-521",
    };

    /// <summary>Reads a <c>SubjectPublicKeyInfo</c>.</summary>
    /// <exception cref="AsnContentException">It is none that we use.</exception>
    public static SubjectKey Read(ReadOnlyMemory<byte> info)
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
        if (unusedBits != 0)
        {
            throw new AsnContentException("a key that is not whole octets");
        }

        return oid switch
        {
            RsaEncryption => ReadRsa(bits),
            RsaPss => ReadRsa(bits) with { IsPssOnly = true, PssParameters = parameters.IsEmpty ? null : ReadPss(parameters) },
            EcPublicKey => ReadEllipticCurve(parameters),
            Ed25519 when parameters.IsEmpty && bits.Length == Ed25519Length => new SubjectKey(KeyFamily.Ed25519, "Ed25519") { IsStrong = true, VerificationCost = Ed25519Cost },
            DsaKey => ReadDsa(parameters, bits),
            _ => throw new AsnContentException($"keys of the kind {oid} are not supported"),
        };
    }

    private static SubjectKey ReadRsa(ReadOnlyMemory<byte> bits)
    {
        var sequence = Extensions.DerValue.ReadSequence(bits);
        var modulus = ReadPositive(sequence);
        var exponent = ReadPositive(sequence);
        sequence.ThrowIfNotEmpty();
        var size = (modulus.Length * 8) - (BitOperations.LeadingZeroCount((uint)modulus[0]) - 24);
        if (size is < MinRsaBits or > MaxBits)
        {
            throw new AsnContentException($"an RSA key of {size} bits is outside {MinRsaBits} to {MaxBits}");
        }

        if (exponent.Length > MaxExponentLength || exponent is [1] || (exponent[^1] & 1) == 0 || (modulus[^1] & 1) == 0)
        {
            throw new AsnContentException("an RSA key with an impossible or oversized number");
        }

        var isUsual = exponent.Length is >= StrongExponentLength and <= LongestStrongExponent;
        var relativeSize = Math.Max(1, size / StrongRsaBits);
        return new SubjectKey(KeyFamily.Rsa, isUsual ? $"RSA {size}" : $"RSA {size} with an exponent of {exponent.Length * 8} bits")
        {
            IsStrong = size >= StrongRsaBits && isUsual,
            VerificationCost = relativeSize * relativeSize,
            RsaParameters = new RSAParameters { Modulus = modulus, Exponent = exponent },
        };
    }

    private static PssParameters ReadPss(ReadOnlyMemory<byte> parameters)
    {
        var document = new AsnReader(parameters, AsnEncodingRules.DER);
        var restriction = PssParameters.Read(document) ?? throw new AsnContentException("an RSASSA-PSS key for hashes that are not supported");
        document.ThrowIfNotEmpty();
        return restriction;
    }

    private static SubjectKey ReadEllipticCurve(ReadOnlyMemory<byte> parameters)
    {
        var document = new AsnReader(parameters, AsnEncodingRules.DER);
        if (!document.HasData || document.PeekTag() != Asn1Tag.ObjectIdentifier)
        {
            throw new AsnContentException("the curve is not given by its name (RFC 5480 §2.1.1)");
        }

        var curve = document.ReadObjectIdentifier();
        return StrongCurves.TryGetValue(curve, out var name)
            ? new SubjectKey(KeyFamily.EllipticCurve, name) { IsStrong = true }
            : new SubjectKey(KeyFamily.EllipticCurve, $"on curve {curve}");
    }

    private static SubjectKey ReadDsa(ReadOnlyMemory<byte> parameters, ReadOnlyMemory<byte> bits)
    {
        var value = ReadPositive(new AsnReader(bits, AsnEncodingRules.DER));
        var document = new AsnReader(parameters, AsnEncodingRules.DER);
        if (!document.HasData || document.PeekTag() == Asn1Tag.Null)
        {
            return new SubjectKey(KeyFamily.Dsa, "DSA with inherited parameters") { InheritingValue = value };
        }

        var sequence = Extensions.DerValue.ReadSequence(parameters);
        var p = ReadPositive(sequence);
        var domain = new DSAParameters { P = p, Q = ReadPositive(sequence), G = Padded(ReadPositive(sequence), p.Length), Y = Padded(value, p.Length) };
        sequence.ThrowIfNotEmpty();
        return p.Length * 8 <= MaxBits
            ? new SubjectKey(KeyFamily.Dsa, $"DSA {p.Length * 8}") { DsaParameters = domain }
            : throw new AsnContentException($"a DSA key of more than {MaxBits} bits");
    }

    private static byte[] ReadPositive(AsnReader reader)
    {
        var octets = reader.ReadIntegerBytes().Span;
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
            throw new AsnContentException("a DSA key's number is larger than its modulus");
        }

        var padded = new byte[length];
        value.CopyTo(padded, length - value.Length);
        return padded;
    }
}
