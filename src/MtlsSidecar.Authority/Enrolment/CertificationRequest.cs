using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths.Signatures;

namespace MtlsSidecar.Authority.Enrolment;

/// <summary>
/// A PKCS#10 request (RFC 2986), read strictly. Its key is what we want of it. The names that it asks for are compared with those that the
/// token or the old certificate gives, never taken over.
/// </summary>
internal sealed class CertificationRequest
{
    /// <summary>A larger request is refused unread; one with an RSA key of 8192 bits and a hundred names has 5 KiB.</summary>
    public const int MaxLength = 16 * 1024;

    private const string ExtensionRequest = "1.2.840.113549.1.9.14";
    private const string BasicConstraints = "2.5.29.19";
    private const string SubjectAlternativeName = "2.5.29.17";
    private static readonly Asn1Tag AttributesTag = new(TagClass.ContextSpecific, 0, isConstructed: true);

    private CertificationRequest(ReadOnlyMemory<byte> key) => SubjectPublicKeyInfo = key;

    /// <summary>The key, DER; the requester has proved to hold it.</summary>
    public ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; }

    /// <summary>Whether it asks for the certificate of a certification authority.</summary>
    public bool AsksForAuthority { get; private set; }

    /// <summary>The alternative names that it asks for.</summary>
    public RequestedNames Names { get; private set; } = RequestedNames.None;

    /// <summary>Reads a request and verifies its signature.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> der, [NotNullWhen(true)] out CertificationRequest? request, [NotNullWhen(false)] out string? error)
    {
        request = null;
        if (der.Length > MaxLength)
        {
            error = $"a request of {der.Length} bytes is larger than {MaxLength}";
            return false;
        }

        try
        {
            return TryReadSigned(der, out request, out error);
        }
        catch (AsnContentException exception)
        {
            error = $"not a PKCS#10 request in DER: {exception.Message}";
            return false;
        }
    }

    private static bool TryReadSigned(ReadOnlyMemory<byte> der, [NotNullWhen(true)] out CertificationRequest? request, [NotNullWhen(false)] out string? error)
    {
        var document = new AsnReader(der, AsnEncodingRules.DER);
        var fields = document.ReadSequence();
        document.ThrowIfNotEmpty();
        var signed = fields.ReadEncodedValue();
        var algorithm = fields.ReadEncodedValue();
        var signature = fields.ReadBitString(out var unusedBits);
        fields.ThrowIfNotEmpty();
        if (unusedBits != 0)
        {
            throw new AsnContentException("a signature of a broken number of octets");
        }

        request = ReadInfo(signed);
        if (!ProofOfPossession.TryVerify(request.SubjectPublicKeyInfo, algorithm, signed.Span, signature, out error))
        {
            request = null;
        }

        return request is not null;
    }

    /// <summary><c>CertificationRequestInfo</c>: version, subject, key, attributes. The subject is not even looked at.</summary>
    private static CertificationRequest ReadInfo(ReadOnlyMemory<byte> signed)
    {
        var document = new AsnReader(signed, AsnEncodingRules.DER);
        var info = document.ReadSequence();
        document.ThrowIfNotEmpty();
        if (!info.TryReadInt32(out var version) || version != 0)
        {
            throw new AsnContentException("an unknown version");
        }

        info.ReadSequence();
        var request = new CertificationRequest(info.ReadEncodedValue());
        if (info.HasData)
        {
            var attributes = info.ReadSetOf(AttributesTag);
            while (attributes.HasData)
            {
                request.ReadAttribute(attributes.ReadSequence());
            }
        }

        info.ThrowIfNotEmpty();
        return request;
    }

    /// <summary>Attributes that we don't know ask for nothing that we could give: they are passed over (RFC 7030 §4.2.1).</summary>
    private void ReadAttribute(AsnReader attribute)
    {
        var type = attribute.ReadObjectIdentifier();
        var values = attribute.ReadSetOf();
        attribute.ThrowIfNotEmpty();
        if (type != ExtensionRequest)
        {
            return;
        }

        var extensions = values.ReadSequence();
        values.ThrowIfNotEmpty();
        while (extensions.HasData)
        {
            ReadExtension(extensions.ReadSequence());
        }
    }

    private void ReadExtension(AsnReader extension)
    {
        var oid = extension.ReadObjectIdentifier();
        if (extension.PeekTag() == Asn1Tag.Boolean)
        {
            extension.ReadBoolean();
        }

        var value = extension.ReadOctetString();
        extension.ThrowIfNotEmpty();
        switch (oid)
        {
            case BasicConstraints:
                AsksForAuthority |= ReadIsAuthority(value);
                break;
            case SubjectAlternativeName:
                Names = RequestedNames.Read(value, Names);
                break;
        }
    }

    private static bool ReadIsAuthority(byte[] value)
    {
        var document = new AsnReader(value, AsnEncodingRules.DER);
        var constraints = document.ReadSequence();
        document.ThrowIfNotEmpty();
        return constraints.HasData && constraints.PeekTag() == Asn1Tag.Boolean && constraints.ReadBoolean();
    }
}
