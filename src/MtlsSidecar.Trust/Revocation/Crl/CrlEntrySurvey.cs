using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>What a first walk over a CRL's entries found; they are known to be well formed afterwards.</summary>
internal sealed class CrlEntrySurvey
{
    private readonly Dictionary<DistinguishedName, int> _issuers;

    private CrlEntrySurvey(DistinguishedName crlIssuer) => _issuers = new Dictionary<DistinguishedName, int> { [crlIssuer] = 0 };

    /// <summary>How many entries there are.</summary>
    public int Count { get; private set; }

    /// <summary>The longest serial number in octets, without a leading zero.</summary>
    public int SerialLength { get; private set; }

    /// <summary>Whether an entry has the reason removeFromCRL.</summary>
    public bool HasRemovals { get; private set; }

    /// <summary>Whether an entry has extensions at all.</summary>
    public bool HasExtensions { get; private set; }

    /// <summary>The certificate issuers by ordinal; the CRL's own issuer has ordinal 0, others stand in indirect CRLs only.</summary>
    public IReadOnlyDictionary<DistinguishedName, int> Issuers => _issuers;

    /// <summary>Walks the content of <c>revokedCertificates</c>.</summary>
    /// <exception cref="AsnContentException">An entry is malformed.</exception>
    /// <exception cref="CrlFormatException">An entry breaks a rule of RFC 5280 §5.3.</exception>
    public static CrlEntrySurvey Of(ReadOnlySpan<byte> entries, DistinguishedName crlIssuer)
    {
        var survey = new CrlEntrySurvey(crlIssuer);
        for (var reader = new CrlEntryReader(entries, survey._issuers); reader.MoveNext();)
        {
            reader.ThrowIfMalformed();
            var length = RevokedSerials.Magnitude(reader.SerialNumber).Length;
            if (length > RevokedSerials.MaxSerialLength)
            {
                throw new CrlFormatException($"serial number of {length} octets in entry {survey.Count} (RFC 5280 §4.1.2.2 allows 20)");
            }

            survey.Count++;
            survey.SerialLength = Math.Max(survey.SerialLength, length);
            survey.HasExtensions |= reader.HasExtensions;
            survey.HasRemovals |= reader.Reason == CrlReason.RemoveFromCrl;
        }

        return survey;
    }

    /// <summary>Starts a further walk over the same entries.</summary>
    public CrlEntryReader Walk(ReadOnlySpan<byte> entries) => new(entries, _issuers);
}
