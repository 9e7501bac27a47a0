using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.TestKit.Pki;

/// <summary>
/// Forges a CRL field by field, so that there can be one bad CRL for each rule. The defaults make a good, empty CRL of version 2, valid from
/// an hour ago for a day. Each property changes one thing; <see cref="Sign(TestAuthority)"/> encodes and signs.
/// </summary>
public sealed record TestCrl
{
    private static readonly Asn1Tag ExtensionsTag = new(TagClass.ContextSpecific, 0);

    public const string EcdsaWithSha256 = "1.2.840.10045.4.3.2";

    /// <summary>The encoded version; null leaves it out (v1).</summary>
    public int? Version { get; init; } = 1;

    /// <summary>Another issuer name than the signer's.</summary>
    public X500DistinguishedName? Issuer { get; init; }

    public DateTimeOffset ThisUpdate { get; init; } = Now.AddHours(-1);

    public DateTimeOffset? NextUpdate { get; init; } = Now.AddDays(1);

    public long? Number { get; init; } = 1;

    /// <summary>Makes it a delta CRL on that base.</summary>
    public long? BaseNumber { get; init; }

    public byte[]? AuthorityKeyIdentifier { get; init; }

    /// <summary>The value of the issuing distribution point.</summary>
    public byte[]? Scope { get; init; }

    public IReadOnlyList<TestCrlEntry> Entries { get; init; } = [];

    /// <summary>Further extensions.</summary>
    public IReadOnlyList<X509Extension> Extensions { get; init; } = [];

    /// <summary>Writes an empty revokedCertificates instead of none.</summary>
    public bool EmptyEntryList { get; init; }

    /// <summary>Object identifier in the signed part, when it shall differ from the outer one.</summary>
    public string? InnerAlgorithm { get; init; }

    /// <summary>Stands in the place of the signature.</summary>
    public byte[]? Signature { get; init; }

    /// <summary>How many bits at the end of <see cref="Signature"/>, zeros as DER wants them, are declared to be none of it.</summary>
    public int UnusedSignatureBits { get; init; }

    /// <summary>Bytes after the last field of the signed part.</summary>
    public byte[] Trailing { get; init; } = [];

    private static DateTimeOffset Now { get; } = DateTimeOffset.UtcNow;

    /// <summary>Signs with the authority's key, in its name unless <see cref="Issuer"/> is set.</summary>
    public byte[] Sign(TestAuthority authority) => Sign(authority.Certificate.SubjectName, authority.Key);

    /// <summary>Signs with any key.</summary>
    public byte[] Sign(X500DistinguishedName issuer, ECDsa key)
    {
        var signed = EncodeSigned(Issuer ?? issuer);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(signed);
            WriteAlgorithm(writer, EcdsaWithSha256);
            writer.WriteBitString(Signature ?? key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence), UnusedSignatureBits);
        }

        return writer.Encode();
    }

    private byte[] EncodeSigned(X500DistinguishedName issuer)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            if (Version is { } version)
            {
                writer.WriteInteger(version);
            }

            WriteAlgorithm(writer, InnerAlgorithm ?? EcdsaWithSha256);
            writer.WriteEncodedValue(issuer.RawData);
            WriteTime(writer, ThisUpdate);
            if (NextUpdate is { } nextUpdate)
            {
                WriteTime(writer, nextUpdate);
            }

            if (Entries.Count > 0 || EmptyEntryList)
            {
                writer.WriteEncodedValue(EncodeEntries());
            }

            WriteExtensions(writer);
            if (Trailing.Length > 0)
            {
                writer.WriteOctetString(Trailing);
            }
        }

        return writer.Encode();
    }

    /// <summary>Each entry by itself: one writer for a million of them would take minutes to close its sequence.</summary>
    private byte[] EncodeEntries()
    {
        var content = new MemoryStream();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        foreach (var entry in Entries)
        {
            entry.Write(writer);
            content.Write(writer.Encode());
            writer.Reset();
        }

        Span<byte> length = stackalloc byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(length, (int)content.Length);
        var octets = length.TrimStart((byte)0);
        byte[] header = content.Length < 0x80 ? [0x30, (byte)content.Length] : [0x30, (byte)(0x80 | octets.Length), .. octets];
        return [.. header, .. content.ToArray()];
    }

    private void WriteExtensions(AsnWriter writer)
    {
        var extensions = new List<X509Extension>(Extensions);
        if (Number is { } number)
        {
            extensions.Add(new X509Extension("2.5.29.20", Integer(number), false));
        }

        if (BaseNumber is { } baseNumber)
        {
            extensions.Add(new X509Extension("2.5.29.27", Integer(baseNumber), true));
        }

        if (Scope is { } scope)
        {
            extensions.Add(new X509Extension("2.5.29.28", scope, true));
        }

        if (AuthorityKeyIdentifier is { } identifier)
        {
            extensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(identifier));
        }

        if (extensions.Count == 0)
        {
            return;
        }

        using (writer.PushSequence(ExtensionsTag))
        using (writer.PushSequence())
        {
            extensions.ForEach(extension => WriteExtension(writer, extension));
        }
    }

    /// <summary>Writes one extension as certificates and CRLs have them.</summary>
    internal static void WriteExtension(AsnWriter writer, X509Extension extension)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(extension.Oid!.Value!);
            if (extension.Critical)
            {
                writer.WriteBoolean(true);
            }

            writer.WriteOctetString(extension.RawData);
        }
    }

    internal static void WriteTime(AsnWriter writer, DateTimeOffset time)
    {
        if (time.Year < 2050)
        {
            writer.WriteUtcTime(time);
        }
        else
        {
            writer.WriteGeneralizedTime(time, omitFractionalSeconds: true);
        }
    }

    private static byte[] Integer(BigInteger value)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteInteger(value);
        return writer.Encode();
    }

    private static void WriteAlgorithm(AsnWriter writer, string oid)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
        }
    }
}
