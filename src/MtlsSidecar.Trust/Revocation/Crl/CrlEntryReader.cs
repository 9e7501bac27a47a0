using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Walks the entries of a CRL (<c>revokedCertificates</c>, RFC 5280 §5.1.2.6) in place, without allocating.</summary>
internal ref struct CrlEntryReader
{
    private const byte Integer = 0x02;
    private const byte UtcTime = 0x17;
    private const byte GeneralizedTime = 0x18;
    private const byte Sequence = 0x30;
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

        var start = DerHeader.Read(_rest, Sequence, out var length);
        var entry = _rest.Slice(start, length);
        _rest = _rest[(start + length)..];

        start = DerHeader.Read(entry, Integer, out length);
        SerialNumber = entry.Slice(start, length);
        entry = entry[(start + length)..];

        start = DerHeader.Read(entry, entry is [GeneralizedTime, ..] ? GeneralizedTime : UtcTime, out length);
        _time = entry[..(start + length)];
        entry = entry[(start + length)..];

        Reason = CrlReason.Unspecified;
        HasExtensions = !entry.IsEmpty;
        if (HasExtensions)
        {
            ReadExtensions(entry);
        }

        return true;
    }

    /// <summary>Checks what the walk itself passes over. The date is not kept: who is listed is revoked, whenever that happened.</summary>
    /// <exception cref="AsnContentException">Serial number or date is malformed.</exception>
    public readonly void ThrowIfMalformed()
    {
        // Two encodings of one number would make a listed certificate look unlisted (X.690 §8.3.2).
        if (SerialNumber is [] or [0x00, < 0x80, ..] or [0xFF, >= 0x80, ..])
        {
            throw new AsnContentException("serial number is not in its shortest form");
        }

        CrlTime.ThrowIfMalformed(_time);
    }

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
