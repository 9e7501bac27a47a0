using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.TestKit.Pki;

/// <summary>
/// Forges an OCSP response field by field, so that there can be one bad response for each rule. Each property changes one thing;
/// <see cref="Sign(TestAuthority)"/> encodes and signs.
/// </summary>
public sealed record TestOcspResponse
{
    public const string OcspSigning = "1.3.6.1.5.5.7.3.9";
    public const string Basic = "1.3.6.1.5.5.7.48.1.1";
    public const string EcdsaWithSha256 = "1.2.840.10045.4.3.2";
    private const string NoCheck = "1.3.6.1.5.5.7.48.1.5";
    private const string NonceOid = "1.3.6.1.5.5.7.48.1.2";
    private static readonly Asn1Tag Explicit0 = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag Explicit1 = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly Asn1Tag Explicit2 = new(TagClass.ContextSpecific, 2, isConstructed: true);

    public IReadOnlyList<TestOcspEntry> Entries { get; init; } = [];

    /// <summary>The response status; others than 0 leave the rest out.</summary>
    public byte Status { get; init; }

    public string Type { get; init; } = Basic;

    /// <summary>The encoded version; null, as DER wants, leaves it out.</summary>
    public int? Version { get; init; }

    /// <summary>Names the responder by its key and not by its name.</summary>
    public bool ByKey { get; init; }

    /// <summary>Names another responder than the signer.</summary>
    public X509Certificate2? Responder { get; init; }

    /// <summary>Certificates that come with the response.</summary>
    public IReadOnlyList<X509Certificate2> Certificates { get; init; } = [];

    /// <summary>Extensions of the whole response.</summary>
    public IReadOnlyList<X509Extension> Extensions { get; init; } = [];

    /// <summary>The hash that is signed.</summary>
    public HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA256;

    /// <summary>How many bits at the signature's end, zeros as DER wants them, are declared to be none of it.</summary>
    public int UnusedSignatureBits { get; init; }

    /// <summary>Written after the last field of the signed part.</summary>
    public byte[] Trailing { get; init; } = [];

    internal static DateTimeOffset Now { get; } = DateTimeOffset.UtcNow;

    /// <summary>What the certificate of a delegated responder says.</summary>
    public static IssueOptions ResponderOptions(bool noCheck = true) => new()
    {
        Subject = "CN=responder",
        Usages = [OcspSigning],
        Configure = request =>
        {
            if (noCheck)
            {
                request.Add(NoCheck, critical: false, writer => writer.WriteNull());
            }
        },
    };

    /// <summary>A nonce as RFC 9654 writes it.</summary>
    public static X509Extension Nonce(byte[] value)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(value);
        return new X509Extension(NonceOid, writer.Encode(), critical: false);
    }

    /// <summary>Signs as the issuer itself.</summary>
    public byte[] Sign(TestAuthority issuer) => Sign(issuer.Certificate, issuer.Key);

    /// <summary>Signs as a delegated responder, whose certificate is sent along unless others are given.</summary>
    public byte[] Sign(TestCertificate responder)
        => (Certificates.Count > 0 ? this : this with { Certificates = [responder.Certificate] }).Sign(responder.Certificate, (ECDsa)responder.Key);

    /// <summary>Signs with any key in any name.</summary>
    public byte[] Sign(X509Certificate2 signer, ECDsa key)
    {
        var data = EncodeData(Responder ?? signer);
        var basic = new AsnWriter(AsnEncodingRules.DER);
        using (basic.PushSequence())
        {
            basic.WriteEncodedValue(data);
            using (basic.PushSequence())
            {
                basic.WriteObjectIdentifier(Hash == HashAlgorithmName.SHA1 ? "1.2.840.10045.4.1" : EcdsaWithSha256);
            }

            basic.WriteBitString(SignatureOf(data, key), UnusedSignatureBits);
            if (Certificates.Count > 0)
            {
                using (basic.PushSequence(Explicit0))
                using (basic.PushSequence())
                {
                    Certificates.ToList().ForEach(certificate => basic.WriteEncodedValue(certificate.RawData));
                }
            }
        }

        return Wrap(basic.Encode());
    }

    internal static void WriteExtensions(AsnWriter writer, IReadOnlyList<X509Extension> extensions)
    {
        if (extensions.Count == 0)
        {
            return;
        }

        using (writer.PushSequence(Explicit1))
        using (writer.PushSequence())
        {
            extensions.ToList().ForEach(extension => TestCrl.WriteExtension(writer, extension));
        }
    }

    /// <summary>No two signatures of ECDSA are alike, so one that ends with so many zeros comes soon.</summary>
    private byte[] SignatureOf(byte[] data, ECDsa key)
    {
        byte[] signature;
        do
        {
            signature = key.SignData(data, Hash, DSASignatureFormat.Rfc3279DerSequence);
        }
        while (System.Numerics.BitOperations.TrailingZeroCount(signature[^1] | 0x100) < UnusedSignatureBits);
        return signature;
    }

    private byte[] Wrap(byte[] basic)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(new byte[] { 0x0A, 0x01, Status });
            if (Status == 0)
            {
                using (writer.PushSequence(Explicit0))
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(Type);
                    writer.WriteOctetString(basic);
                }
            }
        }

        return writer.Encode();
    }

    private byte[] EncodeData(X509Certificate2 responder)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            if (Version is { } version)
            {
                using (writer.PushSequence(Explicit0))
                {
                    writer.WriteInteger(version);
                }
            }

            using (writer.PushSequence(ByKey ? Explicit2 : Explicit1))
            {
                if (ByKey)
                {
                    writer.WriteOctetString(TestOcspEntry.HashSha1(responder.PublicKey.EncodedKeyValue.RawData));
                }
                else
                {
                    writer.WriteEncodedValue(responder.SubjectName.RawData);
                }
            }

            writer.WriteGeneralizedTime(Now, omitFractionalSeconds: true);
            using (writer.PushSequence())
            {
                Entries.ToList().ForEach(entry => entry.Write(writer));
            }

            WriteExtensions(writer, Extensions);
            if (Trailing.Length > 0)
            {
                writer.WriteOctetString(Trailing);
            }
        }

        return writer.Encode();
    }
}
