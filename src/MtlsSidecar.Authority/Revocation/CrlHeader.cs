using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Authority.Revocation;

/// <summary>What a CRL says besides its entries (RFC 5280 §5.1.2 and §5.2).</summary>
/// <param name="Issuer">The issuer's certificate.</param>
/// <param name="Number">The CRL number.</param>
/// <param name="ThisUpdate">When it is made.</param>
/// <param name="NextUpdate">When its successor is due.</param>
internal sealed record CrlHeader(ParsedCertificate Issuer, long Number, DateTimeOffset ThisUpdate, DateTimeOffset NextUpdate)
{
    private const string EcdsaWithSha256 = "1.2.840.10045.4.3.2";
    private const string AuthorityKeyIdentifier = "2.5.29.35";
    private const string CrlNumber = "2.5.29.20";
    private const string DeltaCrlIndicator = "2.5.29.27";
    private const string FreshestCrl = "2.5.29.46";
    private static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Constructed0 = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>For a delta CRL: the number of the CRL that it changes (§5.2.4).</summary>
    public long? BaseNumber { get; init; }

    /// <summary>For a full CRL: where its delta CRL is published (§5.2.6).</summary>
    public string? DeltaAddress { get; init; }

    /// <summary>The signature's <c>AlgorithmIdentifier</c>.</summary>
    public static byte[] Algorithm()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(EcdsaWithSha256);
        }

        return writer.Encode();
    }

    /// <summary>All fields before the entries.</summary>
    public byte[] FieldsBefore()
    {
        var version = new AsnWriter(AsnEncodingRules.DER);
        version.WriteInteger(1);
        Span<byte> times = stackalloc byte[CrlEncoding.MaxEntryLength];
        var length = CrlEncoding.WriteTime(times, ThisUpdate);
        length += CrlEncoding.WriteTime(times[length..], NextUpdate);
        return [.. version.Encode(), .. Algorithm(), .. Issuer.Subject.Span, .. times[..length]];
    }

    /// <summary>The extensions, which come after the entries.</summary>
    public byte[] FieldsAfter()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence(Constructed0))
        using (writer.PushSequence())
        {
            Add(writer, AuthorityKeyIdentifier, isCritical: false, value =>
            {
                using (value.PushSequence())
                {
                    value.WriteOctetString(Issuer.SubjectKeyIdentifier!.Value.Span, Context0);
                }
            });
            Add(writer, CrlNumber, isCritical: false, value => value.WriteInteger(Number));
            if (BaseNumber is { } baseNumber)
            {
                Add(writer, DeltaCrlIndicator, isCritical: true, value => value.WriteInteger(baseNumber));
            }

            if (DeltaAddress is { } address)
            {
                Add(writer, FreshestCrl, isCritical: false, value => WriteDistributionPoint(value, address));
            }
        }

        return writer.Encode();
    }

    private static void WriteDistributionPoint(AsnWriter value, string address)
    {
        using (value.PushSequence())
        using (value.PushSequence())
        using (value.PushSequence(Constructed0))
        using (value.PushSequence(Constructed0))
        {
            value.WriteCharacterString(UniversalTagNumber.IA5String, address, UriTag);
        }
    }

    private static void Add(AsnWriter writer, string oid, bool isCritical, Action<AsnWriter> write)
    {
        var value = new AsnWriter(AsnEncodingRules.DER);
        write(value);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            if (isCritical)
            {
                writer.WriteBoolean(true);
            }

            writer.WriteOctetString(value.Encode());
        }
    }
}
