using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Walks the entries of a CRL (<c>revokedCertificates</c>, RFC 5280 §5.1.2.6) in place, without allocating.</summary>
internal ref struct CrlEntryReader
{
    private readonly Dictionary<DistinguishedName, int> _issuers;
    private ReadOnlySpan<byte> _rest;
    private ReadOnlySpan<byte> _time;

    public CrlEntryReader(ReadOnlySpan<byte> entries, Dictionary<DistinguishedName, int> issuers)
    {
        _rest = entries;
        _issuers = issuers;
    }

    /// <summary>Content octets of the current entry's serial number.</summary>
    public ReadOnlySpan<byte> SerialNumber { get; private set; }

    /// <summary>The current entry's reason; <see cref="CrlReason.Unspecified"/> when none is given.</summary>
    public CrlReason Reason { get; private set; }

    /// <summary>Whether the current entry has extensions.</summary>
    public bool HasExtensions { get; private set; }

    /// <summary>Whose certificate the current entry names; it stays until an entry names another issuer (RFC 5280 §5.3.3).</summary>
    public int IssuerOrdinal { get; private set; }

    /// <summary>Goes to the next entry; false at the end.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        AsnDecoder.ReadSequence(_rest, AsnEncodingRules.DER, out var start, out var length, out var consumed);
        var entry = _rest.Slice(start, length);
        _rest = _rest[consumed..];

        SerialNumber = AsnDecoder.ReadIntegerBytes(entry, AsnEncodingRules.DER, out consumed);
        entry = entry[consumed..];
        AsnDecoder.ReadEncodedValue(entry, AsnEncodingRules.DER, out _, out _, out consumed);
        _time = entry[..consumed];
        Reason = CrlReason.Unspecified;
        HasExtensions = consumed < entry.Length;
        if (HasExtensions)
        {
            ReadExtensions(entry[consumed..]);
        }

        return true;
    }

    /// <summary>The revocation date itself is not kept: who is listed is revoked, whenever that happened.</summary>
    public readonly void ThrowIfTimeIsMalformed() => CrlTime.Read(_time, out _);

    private void ReadExtensions(ReadOnlySpan<byte> encoded)
    {
        var extensions = new CrlEntryExtensions(encoded);
        while (extensions.MoveNext())
        {
            switch (extensions.Kind)
            {
                case CrlEntryExtensionKind.ReasonCode:
                    Reason = extensions.ReadReason();
                    break;
                case CrlEntryExtensionKind.CertificateIssuer:
                    IssuerOrdinal = OrdinalOf(extensions.ReadCertificateIssuer());
                    break;
                case CrlEntryExtensionKind.Ignored:
                    break;
            }
        }
    }

    private readonly int OrdinalOf(DistinguishedName issuer)
    {
        if (!_issuers.TryGetValue(issuer, out var ordinal))
        {
            ordinal = _issuers.Count;
            if (ordinal > CrlEntryExtensions.MaxIssuers)
            {
                throw new CrlFormatException($"more than {CrlEntryExtensions.MaxIssuers} certificate issuers in an indirect CRL");
            }

            _issuers.Add(issuer, ordinal);
        }

        return ordinal;
    }
}
