using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.Trust.Paths;

/// <summary>
/// A certificate read strictly from DER (RFC 5280 §4.1). The platform's reader is lenient where a validator must not be: it accepts
/// duplicate extensions and trailing data.
/// </summary>
public sealed class ParsedCertificate
{
    /// <summary>A larger certificate is refused unread.</summary>
    public const int MaxLength = 64 * 1024;

    private static readonly Asn1Tag VersionTag = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag IssuerUniqueIdTag = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag SubjectUniqueIdTag = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag ExtensionsTag = new(TagClass.ContextSpecific, 3, isConstructed: true);
    private readonly Lazy<X509Certificate2> _platform;

    private ParsedCertificate(ReadOnlyMemory<byte> rawData)
    {
        RawData = rawData;
        _platform = new Lazy<X509Certificate2>(() => X509CertificateLoader.LoadCertificate(RawData.Span));
    }

    /// <summary>The whole certificate, DER.</summary>
    public ReadOnlyMemory<byte> RawData { get; }

    /// <summary>The signed part (<c>tbsCertificate</c>), DER.</summary>
    public ReadOnlyMemory<byte> SignedData { get; private init; }

    /// <summary>The version: 1, 2 or 3.</summary>
    public int Version { get; private init; }

    /// <summary>The serial number's content octets, big-endian two's complement, as encoded.</summary>
    public ReadOnlyMemory<byte> SerialNumber { get; private init; }

    /// <summary>The issuer's distinguished name, DER.</summary>
    public ReadOnlyMemory<byte> Issuer { get; private init; }

    /// <summary>The subject's distinguished name, DER.</summary>
    public ReadOnlyMemory<byte> Subject { get; private init; }

    /// <summary>The subject's public key (<c>SubjectPublicKeyInfo</c>), DER.</summary>
    public ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; private init; }

    /// <summary>The signature's <c>AlgorithmIdentifier</c>, DER.</summary>
    public ReadOnlyMemory<byte> SignatureAlgorithm { get; private init; }

    /// <summary>The signature's bits.</summary>
    public ReadOnlyMemory<byte> Signature { get; private init; }

    /// <summary>Begin of the validity period.</summary>
    public DateTimeOffset NotBefore { get; private init; }

    /// <summary>End of the validity period.</summary>
    public DateTimeOffset NotAfter { get; private init; }

    /// <summary>The extensions by object identifier; each occurs once.</summary>
    public FrozenDictionary<string, X509Extension> Extensions { get; private init; } = FrozenDictionary<string, X509Extension>.Empty;

    /// <summary>The platform's view of the same certificate, loaded on first use.</summary>
    /// <exception cref="CryptographicException">The platform can't read it.</exception>
    public X509Certificate2 Platform => _platform.Value;

    /// <summary>The serial number in upper-case hexadecimal, as OpenSSL prints it.</summary>
    public string SerialNumberText => Convert.ToHexString(SerialNumber.Span.TrimStart((byte)0));

    /// <summary>The subject's distinguished name for people.</summary>
    public string SubjectText => new X500DistinguishedName(Subject.Span).Name;

    /// <summary>The issuer's distinguished name for people.</summary>
    public string IssuerText => new X500DistinguishedName(Issuer.Span).Name;

    /// <summary>Reads a certificate.</summary>
    /// <param name="rawData">DER of exactly one certificate.</param>
    /// <param name="certificate">The certificate.</param>
    /// <param name="error">What is wrong with it.</param>
    public static bool TryParse(ReadOnlyMemory<byte> rawData, [NotNullWhen(true)] out ParsedCertificate? certificate, [NotNullWhen(false)] out string? error)
    {
        (certificate, error) = (null, null);
        if (rawData.Length > MaxLength)
        {
            error = $"certificate of {rawData.Length} bytes is larger than {MaxLength}";
            return false;
        }

        try
        {
            certificate = Read(rawData);
            return true;
        }
        catch (AsnContentException exception)
        {
            error = exception.Message;
        }
        catch (CryptographicException exception)
        {
            error = exception.Message;
        }

        return false;
    }

    private static ParsedCertificate Read(ReadOnlyMemory<byte> rawData)
    {
        var document = new AsnReader(rawData, AsnEncodingRules.DER);
        var certificate = document.ReadSequence();
        document.ThrowIfNotEmpty();
        var signedData = certificate.PeekEncodedValue();
        var tbs = certificate.ReadSequence();
        var signatureAlgorithm = certificate.ReadEncodedValue();
        var signature = certificate.ReadBitString(out _);
        certificate.ThrowIfNotEmpty();

        var version = 1;
        if (tbs.HasData && tbs.PeekTag().HasSameClassAndValue(VersionTag))
        {
            var explicitVersion = tbs.ReadSequence(VersionTag);
            if (!explicitVersion.TryReadInt32(out version) || version is < 1 or > 2)
            {
                throw new AsnContentException("version is neither v2 nor v3");
            }

            explicitVersion.ThrowIfNotEmpty();
            version++;
        }

        var serialNumber = tbs.ReadIntegerBytes();
        if (!tbs.ReadEncodedValue().Span.SequenceEqual(signatureAlgorithm.Span))
        {
            throw new AsnContentException("the signed signature algorithm differs from the outer one (RFC 5280 §4.1.1.2)");
        }

        var issuer = tbs.ReadEncodedValue();
        var validity = tbs.ReadSequence();
        var notBefore = ReadTime(validity);
        var notAfter = ReadTime(validity);
        validity.ThrowIfNotEmpty();
        var subject = tbs.ReadEncodedValue();
        var publicKey = tbs.ReadEncodedValue();
        SkipOptional(tbs, IssuerUniqueIdTag);
        SkipOptional(tbs, SubjectUniqueIdTag);
        var extensions = ReadExtensions(tbs, version);
        tbs.ThrowIfNotEmpty();

        return new ParsedCertificate(rawData)
        {
            SignedData = signedData,
            Version = version,
            SerialNumber = serialNumber,
            Issuer = issuer,
            Subject = subject,
            SubjectPublicKeyInfo = publicKey,
            SignatureAlgorithm = signatureAlgorithm,
            Signature = signature,
            NotBefore = notBefore,
            NotAfter = notAfter,
            Extensions = extensions,
        };
    }

    private static DateTimeOffset ReadTime(AsnReader reader)
        => reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();

    private static void SkipOptional(AsnReader reader, Asn1Tag tag)
    {
        if (reader.HasData && reader.PeekTag().HasSameClassAndValue(tag))
        {
            reader.ReadEncodedValue();
        }
    }

    private static FrozenDictionary<string, X509Extension> ReadExtensions(AsnReader tbs, int version)
    {
        if (!tbs.HasData)
        {
            return FrozenDictionary<string, X509Extension>.Empty;
        }

        if (version != 3)
        {
            throw new AsnContentException("extensions in a certificate that is not v3 (RFC 5280 §4.1.2.9)");
        }

        var outer = tbs.ReadSequence(ExtensionsTag);
        var list = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var extensions = new Dictionary<string, X509Extension>();
        while (list.HasData)
        {
            var extension = list.ReadSequence();
            var oid = extension.ReadObjectIdentifier();
            var critical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
            var value = extension.ReadOctetString();
            extension.ThrowIfNotEmpty();
            if (!extensions.TryAdd(oid, new X509Extension(oid, value, critical)))
            {
                throw new AsnContentException($"extension {oid} occurs twice (RFC 5280 §4.2)");
            }
        }

        return extensions.ToFrozenDictionary();
    }
}
