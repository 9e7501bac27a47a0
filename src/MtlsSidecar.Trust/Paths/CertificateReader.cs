using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.Trust.Paths;

/// <summary>Reads the fields of a certificate from DER (RFC 5280 §4.1), each exactly once and nothing left over.</summary>
internal static class CertificateReader
{
    /// <summary>RFC 5280 §4.1.2.2: a serial number has at most 20 octets.</summary>
    private const int MaxSerialNumberLength = 20;

    /// <summary>YYYYMMDDHHMMSSZ: RFC 5280 §4.1.2.5.2 forbids fractions of a second.</summary>
    private const int GeneralizedTimeLength = 15;

    private static readonly Asn1Tag VersionTag = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag IssuerUniqueIdTag = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag SubjectUniqueIdTag = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag ExtensionsTag = new(TagClass.ContextSpecific, 3, isConstructed: true);

    /// <summary>Reads a certificate.</summary>
    /// <exception cref="AsnContentException">It is not the DER of exactly one certificate.</exception>
    public static ParsedCertificate Read(ReadOnlyMemory<byte> rawData)
    {
        var document = new AsnReader(rawData, AsnEncodingRules.DER);
        var certificate = document.ReadSequence();
        document.ThrowIfNotEmpty();
        var signedData = certificate.PeekEncodedValue();
        var tbs = certificate.ReadSequence();
        var signatureAlgorithm = certificate.ReadEncodedValue();
        var signature = certificate.ReadBitString(out var unusedBits);
        certificate.ThrowIfNotEmpty();
        if (unusedBits != 0)
        {
            throw new AsnContentException("the signature is not whole octets");
        }

        var version = ReadVersion(tbs);
        var serialNumber = tbs.ReadIntegerBytes();
        if (serialNumber.Length > MaxSerialNumberLength)
        {
            throw new AsnContentException($"a serial number of {serialNumber.Length} octets (RFC 5280 §4.1.2.2)");
        }

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

    private static int ReadVersion(AsnReader tbs)
    {
        if (!tbs.HasData || !tbs.PeekTag().HasSameClassAndValue(VersionTag))
        {
            return 1;
        }

        var explicitVersion = tbs.ReadSequence(VersionTag);
        if (!explicitVersion.TryReadInt32(out var version) || version is < 1 or > 2)
        {
            throw new AsnContentException("version is neither v2 nor v3");
        }

        explicitVersion.ThrowIfNotEmpty();
        return version + 1;
    }

    private static DateTimeOffset ReadTime(AsnReader reader)
    {
        if (reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime))
        {
            return reader.ReadUtcTime();
        }

        if (reader.PeekContentBytes().Length != GeneralizedTimeLength)
        {
            throw new AsnContentException("a time with fractions of a second (RFC 5280 §4.1.2.5.2)");
        }

        // The platform's calendar begins with the year 1; the year 0, which some write for "always", is as far back as any. The rest is
        // held to the rules all the same, in another leap year.
        if (reader.PeekContentBytes().Span.StartsWith("0000"u8))
        {
            var encoded = reader.ReadEncodedValue().ToArray();
            "0004"u8.CopyTo(encoded.AsSpan(^GeneralizedTimeLength..));
            new AsnReader(encoded, AsnEncodingRules.DER).ReadGeneralizedTime();
            return DateTimeOffset.MinValue;
        }

        return reader.ReadGeneralizedTime();
    }

    private static void SkipOptional(AsnReader reader, Asn1Tag tag)
    {
        if (reader.HasData && reader.PeekTag().HasSameClassAndValue(tag))
        {
            reader.ReadEncodedValue();
        }
    }

    private static Dictionary<string, X509Extension> ReadExtensions(AsnReader tbs, int version)
    {
        var extensions = new Dictionary<string, X509Extension>();
        if (!tbs.HasData)
        {
            return extensions;
        }

        if (version != 3)
        {
            throw new AsnContentException("extensions in a certificate that is not v3 (RFC 5280 §4.1.2.9)");
        }

        var outer = tbs.ReadSequence(ExtensionsTag);
        var list = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        do
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
        while (list.HasData);

        return extensions;
    }
}
