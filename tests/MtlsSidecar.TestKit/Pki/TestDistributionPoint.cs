using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.TestKit.Pki;

/// <summary>Forges CRL distribution points of certificates and issuing distribution points of CRLs (RFC 5280 §4.2.1.13, §5.2.5).</summary>
public sealed record TestDistributionPoint
{
    public const string CrlDistributionPoints = "2.5.29.31";
    public const string FreshestCrl = "2.5.29.46";

    /// <summary>The full name: encoded general names.</summary>
    public IReadOnlyList<byte[]> FullName { get; init; } = [];

    /// <summary>The common name of a name relative to the CRL issuer.</summary>
    public string? RelativeCommonName { get; init; }

    /// <summary>Bit numbers of the reasons; null leaves the field out.</summary>
    public IReadOnlyList<int>? Reasons { get; init; }

    /// <summary>Certificates only: who signs the CRL.</summary>
    public X500DistinguishedName? CrlIssuer { get; init; }

    /// <summary>CRLs only.</summary>
    public bool OnlyUserCertificates { get; init; }

    /// <summary>CRLs only.</summary>
    public bool OnlyAuthorityCertificates { get; init; }

    /// <summary>CRLs only.</summary>
    public bool OnlyAttributeCertificates { get; init; }

    /// <summary>CRLs only.</summary>
    public bool IsIndirect { get; init; }

    /// <summary>A URI as general name.</summary>
    public static byte[] Uri(string uri)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteCharacterString(UniversalTagNumber.IA5String, uri, new Asn1Tag(TagClass.ContextSpecific, 6));
        return writer.Encode();
    }

    /// <summary>A directory name as general name.</summary>
    public static byte[] DirectoryName(X500DistinguishedName name)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence(Tag(4)))
        {
            writer.WriteEncodedValue(name.RawData);
        }

        return writer.Encode();
    }

    /// <summary>A sequence of general names.</summary>
    public static byte[] Names(params byte[][] names)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            names.ToList().ForEach(name => writer.WriteEncodedValue(name));
        }

        return writer.Encode();
    }

    /// <summary>An extension of a certificate or CRL that holds these points.</summary>
    public static X509Extension Extension(string oid, params TestDistributionPoint[] points)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            points.ToList().ForEach(point => point.Write(writer, forCertificate: true));
        }

        return new X509Extension(oid, writer.Encode(), false);
    }

    /// <summary>The value of a CRL's issuing distribution point.</summary>
    public byte[] AsScope()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        Write(writer, forCertificate: false);
        return writer.Encode();
    }

    private static Asn1Tag Tag(int number) => new(TagClass.ContextSpecific, number);

    private void Write(AsnWriter writer, bool forCertificate)
    {
        using (writer.PushSequence())
        {
            WriteName(writer);
            if (!forCertificate)
            {
                WriteFlag(writer, 1, OnlyUserCertificates);
                WriteFlag(writer, 2, OnlyAuthorityCertificates);
            }

            WriteReasons(writer, forCertificate ? 1 : 3);
            if (!forCertificate)
            {
                WriteFlag(writer, 4, IsIndirect);
                WriteFlag(writer, 5, OnlyAttributeCertificates);
            }
            else if (CrlIssuer is { } issuer)
            {
                using (writer.PushSequence(Tag(2)))
                {
                    writer.WriteEncodedValue(DirectoryName(issuer));
                }
            }
        }
    }

    private void WriteName(AsnWriter writer)
    {
        if (FullName.Count == 0 && RelativeCommonName is null)
        {
            return;
        }

        using (writer.PushSequence(Tag(0)))
        {
            if (RelativeCommonName is { } commonName)
            {
                using (writer.PushSetOf(Tag(1)))
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("2.5.4.3");
                    writer.WriteCharacterString(UniversalTagNumber.UTF8String, commonName);
                }
            }
            else
            {
                using (writer.PushSequence(Tag(0)))
                {
                    FullName.ToList().ForEach(name => writer.WriteEncodedValue(name));
                }
            }
        }
    }

    private void WriteReasons(AsnWriter writer, int tag)
    {
        if (Reasons is null)
        {
            return;
        }

        var bits = new byte[2];
        Reasons.ToList().ForEach(bit => bits[bit / 8] |= (byte)(0x80 >> (bit % 8)));
        var length = bits[1] == 0 ? 1 : 2;
        var unused = System.Numerics.BitOperations.TrailingZeroCount(bits[length - 1] | 0x100);
        writer.WriteBitString(bits.AsSpan(0, length), unused, Tag(tag));
    }

    private static void WriteFlag(AsnWriter writer, int tag, bool value)
    {
        if (value)
        {
            writer.WriteBoolean(true, Tag(tag));
        }
    }
}
