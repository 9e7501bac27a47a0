using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Walks the extensions of one CRL entry in place. Object identifiers are compared encoded: a CRL may have millions of them.</summary>
internal ref struct CrlEntryExtensions
{
    /// <summary>How many authorities one indirect CRL may speak for.</summary>
    public const int MaxIssuers = 4096;

    private const int MaxExtensions = 16;
    private ReadOnlySpan<byte> _rest;
    private ReadOnlySpan<byte> _value;
    private SeenExtensions _seen;

    /// <param name="encoded">What follows the revocation date: the extensions, and nothing after them.</param>
    public CrlEntryExtensions(ReadOnlySpan<byte> encoded)
    {
        AsnDecoder.ReadSequence(encoded, AsnEncodingRules.DER, out var start, out var length, out var consumed);
        if (consumed != encoded.Length)
        {
            throw new AsnContentException("data after a CRL entry's extensions");
        }

        _rest = encoded.Slice(start, length);
        _seen = default;
    }

    // 2.5.29.21, .23, .24 and .29, encoded.
    private static ReadOnlySpan<byte> ReasonCode => [0x06, 0x03, 0x55, 0x1D, 0x15];

    private static ReadOnlySpan<byte> HoldInstruction => [0x06, 0x03, 0x55, 0x1D, 0x17];

    private static ReadOnlySpan<byte> InvalidityDate => [0x06, 0x03, 0x55, 0x1D, 0x18];

    private static ReadOnlySpan<byte> CertificateIssuer => [0x06, 0x03, 0x55, 0x1D, 0x1D];

    /// <summary>What the current extension is.</summary>
    public CrlEntryExtensionKind Kind { get; private set; }

    /// <summary>Goes to the next extension; false at the end.</summary>
    /// <exception cref="CrlFormatException">An unknown critical extension: the CRL must not be used (RFC 5280 §5.3).</exception>
    public bool MoveNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        AsnDecoder.ReadSequence(_rest, AsnEncodingRules.DER, out var start, out var length, out var consumed);
        var extension = _rest.Slice(start, length);
        _rest = _rest[consumed..];
        AsnDecoder.ReadEncodedValue(extension, AsnEncodingRules.DER, out _, out _, out consumed);
        var identifier = extension[..consumed];
        extension = extension[consumed..];
        var critical = ReadCritical(ref extension);
        if (!AsnDecoder.TryReadPrimitiveOctetString(extension, AsnEncodingRules.DER, out _value, out consumed) || consumed != extension.Length)
        {
            throw new AsnContentException("a CRL entry extension is no octet string");
        }

        Classify(identifier, critical);
        return true;
    }

    /// <summary>The value of <see cref="CrlEntryExtensionKind.ReasonCode"/>.</summary>
    public readonly CrlReason ReadReason()
    {
        var octets = AsnDecoder.ReadEnumeratedBytes(_value, AsnEncodingRules.DER, out var consumed);
        if (consumed != _value.Length || octets.Length != 1 || octets[0] is 7 or > (byte)CrlReason.AACompromise)
        {
            throw new AsnContentException("a CRL entry's reason is none of RFC 5280 §5.3.1");
        }

        return (CrlReason)octets[0];
    }

    /// <summary>The value of <see cref="CrlEntryExtensionKind.CertificateIssuer"/>.</summary>
    public readonly DistinguishedName ReadCertificateIssuer()
    {
        foreach (var name in GeneralNames.Read(_value.ToArray()))
        {
            if (name.DirectoryName is { } directoryName)
            {
                return directoryName;
            }
        }

        throw new AsnContentException("a CRL entry's certificate issuer has no directory name (RFC 5280 §5.3.3)");
    }

    private static bool ReadCritical(ref ReadOnlySpan<byte> extension)
    {
        if (extension.IsEmpty || extension[0] != (byte)UniversalTagNumber.Boolean)
        {
            return false;
        }

        var critical = AsnDecoder.ReadBoolean(extension, AsnEncodingRules.DER, out var consumed);
        extension = extension[consumed..];
        return critical;
    }

    private void Classify(ReadOnlySpan<byte> identifier, bool critical)
    {
        Kind = CrlEntryExtensionKind.Ignored;
        if (identifier.SequenceEqual(ReasonCode))
        {
            Kind = CrlEntryExtensionKind.ReasonCode;
            _seen.Add(1 << 0);
        }
        else if (identifier.SequenceEqual(CertificateIssuer))
        {
            Kind = CrlEntryExtensionKind.CertificateIssuer;
            _seen.Add(1 << 1);
        }
        else if (identifier.SequenceEqual(InvalidityDate))
        {
            _seen.Add(1 << 2);
        }
        else if (identifier.SequenceEqual(HoldInstruction))
        {
            _seen.Add(1 << 3);
        }
        else
        {
            // Read for its own sake too: what is no object identifier is refused.
            var oid = AsnDecoder.ReadObjectIdentifier(identifier, AsnEncodingRules.DER, out _);
            if (critical)
            {
                throw new CrlFormatException($"unknown critical CRL entry extension {oid} (RFC 5280 §5.3)");
            }

            _seen.AddUnknown(oid, MaxExtensions);
        }
    }

    /// <summary>Each extension may stand once (RFC 5280 §4.2).</summary>
    private struct SeenExtensions
    {
        private int _known;
        private HashSet<string>? _unknown;

        public void Add(int bit)
        {
            if ((_known & bit) != 0)
            {
                throw new AsnContentException("a CRL entry has an extension twice");
            }

            _known |= bit;
        }

        public void AddUnknown(string oid, int max)
        {
            _unknown ??= [];
            if (!_unknown.Add(oid) || _unknown.Count > max)
            {
                throw new AsnContentException("a CRL entry has an extension twice, or too many of them");
            }
        }
    }
}
