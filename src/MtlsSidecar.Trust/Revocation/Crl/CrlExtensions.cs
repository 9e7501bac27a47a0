using System.Formats.Asn1;
using System.Numerics;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>The extensions of a CRL (RFC 5280 §5.2).</summary>
internal sealed record CrlExtensions
{
    private const int MaxNumberLength = 20;
    private const int MaxExtensions = 64;

    /// <summary>Those of a version 1 CRL.</summary>
    public static CrlExtensions None { get; } = new();

    /// <summary>The CRL number; null when there is none.</summary>
    public BigInteger? Number { get; private init; }

    /// <summary>The number of the complete CRL that a delta CRL builds on; null for a complete CRL.</summary>
    public BigInteger? BaseNumber { get; private init; }

    /// <summary>The identifier of the key that signed the CRL.</summary>
    public ReadOnlyMemory<byte>? AuthorityKeyIdentifier { get; private init; }

    /// <summary>The scope; null when the CRL covers everything of its issuer.</summary>
    public IssuingDistributionPoint? Scope { get; private init; }

    /// <summary>The scope's encoding, by which a delta CRL and its base are compared.</summary>
    public byte[] RawScope { get; private init; } = [];

    /// <summary>Where delta CRLs are published.</summary>
    public IReadOnlyList<DistributionPoint> FreshestCrl { get; private init; } = [];

    /// <summary>Reads <c>crlExtensions</c>.</summary>
    /// <param name="encoded">The sequence of extensions.</param>
    /// <param name="issuer">The CRL's issuer.</param>
    /// <exception cref="AsnContentException">One is malformed or stands twice.</exception>
    /// <exception cref="CrlFormatException">One is critical and unknown (RFC 5280 §5.2).</exception>
    public static CrlExtensions Read(ReadOnlyMemory<byte> encoded, DistinguishedName issuer)
    {
        var result = None;
        var seen = new HashSet<string>();
        var outer = new AsnReader(encoded, AsnEncodingRules.DER);
        var list = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        while (list.HasData)
        {
            var extension = list.ReadSequence();
            var oid = extension.ReadObjectIdentifier();
            var critical = extension.HasData && extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
            var value = extension.ReadOctetString();
            extension.ThrowIfNotEmpty();
            if (!seen.Add(oid) || seen.Count > MaxExtensions)
            {
                throw new AsnContentException($"extension {oid} occurs twice, or there are more than {MaxExtensions}");
            }

            result = result.With(oid, critical, value, issuer);
        }

        return result;
    }

    private CrlExtensions With(string oid, bool critical, byte[] value, DistinguishedName issuer)
    {
        switch (oid)
        {
            case "2.5.29.20" when critical:
                throw new CrlFormatException("a critical CRL number (RFC 5280 §5.2.3)");
            case "2.5.29.20":
                return this with { Number = ReadNumber(value) };
            case "2.5.29.27":
                return this with { BaseNumber = ReadNumber(value) };
            case "2.5.29.28":
                return this with { Scope = IssuingDistributionPoint.Read(value, issuer), RawScope = value };
            case "2.5.29.35":
                return this with { AuthorityKeyIdentifier = Paths.Extensions.AuthorityKeyIdentifier.Read(value).KeyIdentifier };
            case "2.5.29.46":
                return this with { FreshestCrl = DistributionPoint.ReadAll(value, issuer) };
            case "2.5.29.18" or "1.3.6.1.5.5.7.1.1":
                // Issuer alternative name and authority information access: understood, and of no use here.
                return this;
            default:
                return critical ? throw new CrlFormatException($"unknown critical CRL extension {oid} (RFC 5280 §5.2)") : this;
        }
    }

    private static BigInteger ReadNumber(byte[] value)
    {
        var reader = new AsnReader(value, AsnEncodingRules.DER);
        var octets = reader.ReadIntegerBytes();
        reader.ThrowIfNotEmpty();
        var number = new BigInteger(octets.Span, isBigEndian: true);
        return octets.Length <= MaxNumberLength && number.Sign >= 0
            ? number
            : throw new AsnContentException($"CRL number is negative or longer than {MaxNumberLength} octets (RFC 5280 §5.2.3)");
    }
}
