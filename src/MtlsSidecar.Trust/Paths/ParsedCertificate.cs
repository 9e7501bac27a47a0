using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Trust.Paths.Extensions;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Paths;

/// <summary>
/// A certificate read strictly from DER (RFC 5280 §4.1). The platform's reader is lenient where a validator must not be: it accepts
/// duplicate extensions and trailing data.
/// </summary>
public sealed class ParsedCertificate
{
    /// <summary>A larger certificate is refused unread.</summary>
    public const int MaxLength = 64 * 1024;

    private readonly Lazy<X509Certificate2> _platform;
    private readonly Lazy<CertificateContent> _content;
    private readonly Lazy<string> _fingerprint;

    internal ParsedCertificate(ReadOnlyMemory<byte> rawData)
    {
        RawData = rawData;
        _platform = new Lazy<X509Certificate2>(() => X509CertificateLoader.LoadCertificate(RawData.Span));
        _content = new Lazy<CertificateContent>(() => CertificateContent.Read(this));
        _fingerprint = new Lazy<string>(() => Convert.ToHexString(SHA256.HashData(RawData.Span)));
    }

    /// <summary>The whole certificate, DER.</summary>
    public ReadOnlyMemory<byte> RawData { get; }

    /// <summary>The signed part (<c>tbsCertificate</c>), DER.</summary>
    public ReadOnlyMemory<byte> SignedData { get; internal init; }

    /// <summary>The version: 1, 2 or 3.</summary>
    public int Version { get; internal init; }

    /// <summary>The serial number's content octets, big-endian two's complement, as encoded.</summary>
    public ReadOnlyMemory<byte> SerialNumber { get; internal init; }

    /// <summary>The issuer's distinguished name, DER.</summary>
    public ReadOnlyMemory<byte> Issuer { get; internal init; }

    /// <summary>The subject's distinguished name, DER.</summary>
    public ReadOnlyMemory<byte> Subject { get; internal init; }

    /// <summary>The subject's public key (<c>SubjectPublicKeyInfo</c>), DER.</summary>
    public ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; internal init; }

    /// <summary>The signature's <c>AlgorithmIdentifier</c>, DER.</summary>
    public ReadOnlyMemory<byte> SignatureAlgorithm { get; internal init; }

    /// <summary>The signature's bits.</summary>
    public ReadOnlyMemory<byte> Signature { get; internal init; }

    /// <summary>Begin of the validity period.</summary>
    public DateTimeOffset NotBefore { get; internal init; }

    /// <summary>End of the validity period.</summary>
    public DateTimeOffset NotAfter { get; internal init; }

    /// <summary>The extensions by object identifier, unread; each occurs once.</summary>
    public IReadOnlyDictionary<string, X509Extension> Extensions { get; internal init; } = ReadOnlyDictionary<string, X509Extension>.Empty;

    /// <summary>SHA-256 of the whole certificate, computed on first use.</summary>
    internal string Fingerprint => _fingerprint.Value;

    /// <summary>The platform's view of the same certificate, loaded on first use.</summary>
    /// <exception cref="CryptographicException">The platform can't read it.</exception>
    public X509Certificate2 Platform => _platform.Value;

    /// <summary>The subject's distinguished name.</summary>
    /// <exception cref="AsnContentException">Malformed; never in a <see cref="CertificationPath"/>, as all below.</exception>
    public DistinguishedName SubjectName => Content.Subject;

    /// <summary>The issuer's distinguished name.</summary>
    public DistinguishedName IssuerName => Content.Issuer;

    /// <summary>What revocation knows it by.</summary>
    public CertificateId Id => new(IssuerName, SerialNumber);

    /// <summary>Whether subject and issuer are the same name (RFC 5280 §3.2 <c>self-issued</c>), as in key rollover.</summary>
    public bool IsSelfIssued => SubjectName.Equals(IssuerName);

    /// <summary>RFC 5280 §4.2.1.9; null when absent.</summary>
    public BasicConstraints? BasicConstraints => Content.Extensions.BasicConstraints;

    /// <summary>RFC 5280 §4.2.1.3; null when absent, which restricts nothing.</summary>
    public KeyUsages? KeyUsage => Content.Extensions.KeyUsage;

    /// <summary>RFC 5280 §4.2.1.12, object identifiers; null when absent, which restricts nothing.</summary>
    public IReadOnlyList<string>? ExtendedKeyUsage => Content.Extensions.ExtendedKeyUsage;

    /// <summary>RFC 5280 §4.2.1.2; null when absent.</summary>
    public ReadOnlyMemory<byte>? SubjectKeyIdentifier => Content.Extensions.SubjectKeyIdentifier;

    /// <summary>RFC 5280 §4.2.1.1; null when absent.</summary>
    public AuthorityKeyIdentifier? AuthorityKeyIdentifier => Content.Extensions.AuthorityKeyIdentifier;

    /// <summary>RFC 5280 §4.2.1.6; empty when absent.</summary>
    public IReadOnlyList<GeneralName> SubjectAlternativeNames => Content.Extensions.SubjectAlternativeNames ?? [];

    /// <summary>RFC 5280 §4.2.1.10; null when absent.</summary>
    public NameConstraints? NameConstraints => Content.Extensions.NameConstraints;

    /// <summary>RFC 5280 §4.2.1.13, DER; null when absent.</summary>
    public ReadOnlyMemory<byte>? CrlDistributionPoints
        => Extensions.TryGetValue(ExtensionOids.CrlDistributionPoints, out var extension) ? extension.RawData : default(ReadOnlyMemory<byte>?);

    /// <summary>The serial number in upper-case hexadecimal, as OpenSSL prints it.</summary>
    public string SerialNumberText => Convert.ToHexString(SerialNumber.Span.TrimStart((byte)0));

    /// <summary>The subject's distinguished name for people.</summary>
    public string SubjectText => DistinguishedName.Describe(Subject);

    /// <summary>The issuer's distinguished name for people.</summary>
    public string IssuerText => DistinguishedName.Describe(Issuer);

    /// <summary>Names, extensions and key, read on first use.</summary>
    /// <exception cref="AsnContentException">One of them is malformed.</exception>
    internal CertificateContent Content => _content.Value;

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
            certificate = CertificateReader.Read(rawData);
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

    /// <summary>Reads names, extensions and key without an exception for what is malformed.</summary>
    internal bool TryReadContent([NotNullWhen(true)] out CertificateContent? content, [NotNullWhen(false)] out string? error)
    {
        (content, error) = (null, null);
        try
        {
            content = Content;
            return true;
        }
        catch (AsnContentException exception)
        {
            error = exception.Message;
            return false;
        }
    }
}
