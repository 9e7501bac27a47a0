using System.Formats.Asn1;
using System.Security.Cryptography;
using MtlsSidecar.Trust.Paths.Names;
using MtlsSidecar.Trust.Paths.Signatures;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// Reads CRLs strictly (RFC 5280 §5.1): DER to the last byte, bounded, and nothing critical skipped. Whatever the input, the outcome is a
/// list or a <see cref="CrlFormatException"/>. Signatures are not verified here: their keys may not be known yet.
/// </summary>
internal static class CrlReader
{
    private const byte Sequence = 0x30;
    private const int Version2 = 1;

    // What of a CRL stays in memory besides the entries is bounded, whatever its size.
    private const int MaxSignatureLength = 4096;
    private const int MaxNameLength = 16 * 1024;
    private const int MaxExtensionsLength = 256 * 1024;
    private const int MaxAlgorithmLength = 512;
    private static readonly Asn1Tag ExtensionsTag = new(TagClass.ContextSpecific, 0, isConstructed: true);

    /// <summary>Reads one CRL as DER, or one or several as PEM.</summary>
    /// <param name="data">The bytes of a file or answer. PEM is decoded in place: afterwards the content is undefined.</param>
    /// <param name="maxLists">How many CRLs there may be.</param>
    /// <exception cref="CrlFormatException">A CRL is not usable; none is returned then.</exception>
    public static List<CertificateList> ReadAll(Span<byte> data, int maxLists = CrlPem.MaxLists)
    {
        if (data is [Sequence, ..])
        {
            return [Read(data)];
        }

        var lists = new List<CertificateList>();
        for (var pem = new CrlPem(data); pem.MoveNext();)
        {
            if (lists.Count == maxLists)
            {
                throw new CrlFormatException($"more than {maxLists} CRLs in one file or answer");
            }

            lists.Add(Read(pem.Current));
        }

        return lists.Count > 0 ? lists : throw new CrlFormatException("neither a CRL in DER nor one in PEM (X509 CRL)");
    }

    /// <summary>Reads one CRL.</summary>
    /// <param name="der">DER of exactly one CRL.</param>
    /// <exception cref="CrlFormatException">It is not usable.</exception>
    public static CertificateList Read(ReadOnlySpan<byte> der)
    {
        try
        {
            return ReadCertificateList(der);
        }
        catch (AsnContentException exception)
        {
            throw new CrlFormatException(exception.Message, exception);
        }
        catch (CryptographicException exception)
        {
            throw new CrlFormatException(exception.Message, exception);
        }
    }

    private static CertificateList ReadCertificateList(ReadOnlySpan<byte> der)
    {
        var document = new DerSpan(der);
        var fields = document.ReadSequence();
        document.ThrowIfNotEmpty();

        var signed = fields.PeekEncoded();
        var tbs = fields.ReadSequence();
        var algorithm = fields.ReadEncoded(MaxAlgorithmLength);
        var signature = fields.ReadSignature(MaxSignatureLength);
        fields.ThrowIfNotEmpty();

        var version = tbs.IsNext(UniversalTagNumber.Integer) ? ReadVersion(ref tbs) : 0;
        if (!tbs.ReadEncoded().SequenceEqual(algorithm))
        {
            throw new CrlFormatException("the signed signature algorithm differs from the outer one (RFC 5280 §5.1.1.2)");
        }

        if (!SignatureAlgorithm.TryRead(algorithm, out var scheme))
        {
            throw new CrlFormatException("signature algorithm is malformed or never accepted");
        }

        var issuer = DistinguishedName.Read(tbs.ReadEncoded(MaxNameLength));
        var thisUpdate = tbs.ReadTime();
        var nextUpdate = CrlTime.IsNext(tbs.Rest) ? tbs.ReadTime() : CertificateList.ImpliedNextUpdate(thisUpdate);
        var entries = tbs.IsNext(UniversalTagNumber.Sequence) ? ReadEntries(ref tbs) : [];
        var extensions = tbs.Rest.IsEmpty ? CrlExtensions.None : ReadExtensions(ref tbs, version, issuer);
        tbs.ThrowIfNotEmpty();

        var survey = CrlEntrySurvey.Of(entries, issuer);
        ThrowIfContradictory(issuer, version, survey, extensions);
        return new CertificateList
        {
            Issuer = issuer,
            ThisUpdate = thisUpdate,
            NextUpdate = nextUpdate,
            Signature = new CrlSignature(scheme, signed, signature),
            Extensions = extensions,
            CertificateIssuers = survey.Issuers,
            Entries = RevokedSerials.Pack(entries, survey),
            Scope = ScopeOf(issuer, extensions),
        };
    }

    private static int ReadVersion(ref DerSpan tbs)
        => tbs.ReadSmallInteger() == Version2 ? Version2 : throw new CrlFormatException("version is neither absent (v1) nor v2 (RFC 5280 §5.1.2.1)");

    private static ReadOnlySpan<byte> ReadEntries(ref DerSpan tbs)
    {
        var entries = tbs.ReadSequence().Rest;
        return entries.IsEmpty ? throw new CrlFormatException("an empty list of revoked certificates, which must be absent (RFC 5280 §5.1.2.6)") : entries;
    }

    private static CrlExtensions ReadExtensions(ref DerSpan tbs, int version, DistinguishedName issuer)
    {
        var extensions = tbs.ReadSequence(ExtensionsTag);
        if (version != Version2)
        {
            throw new CrlFormatException("extensions in a version 1 CRL (RFC 5280 §5.1.2.7)");
        }

        var sequence = extensions.ReadEncoded(MaxExtensionsLength);
        extensions.ThrowIfNotEmpty();
        return CrlExtensions.Read(sequence, issuer);
    }

    private static void ThrowIfContradictory(DistinguishedName issuer, int version, CrlEntrySurvey survey, CrlExtensions extensions)
    {
        if (issuer.IsEmpty)
        {
            throw new CrlFormatException("empty issuer name (RFC 5280 §5.1.2.3)");
        }

        if (survey.HasExtensions && version != Version2)
        {
            throw new CrlFormatException("entry extensions in a version 1 CRL (RFC 5280 §5.1.2.6)");
        }

        // Without the indirectCRL flag such an entry can't mean what it says; taking it for one of the CRL's issuer would be a guess.
        if (survey.Issuers.Count > 1 && extensions.Scope is not { IsIndirect: true })
        {
            throw new CrlFormatException("entries of other issuers in a CRL that is not indirect (RFC 5280 §5.3.3)");
        }

        if (survey.HasRemovals && extensions.BaseNumber is null)
        {
            throw new CrlFormatException("removeFromCRL in a CRL that is no delta CRL (RFC 5280 §5.3.1)");
        }

        if (extensions.BaseNumber is { } baseNumber && (extensions.Number is not { } number || number < baseNumber))
        {
            throw new CrlFormatException("delta CRL without a number of its own, or with one below its base (RFC 5280 §5.2.4)");
        }
    }

    private static CrlScope ScopeOf(DistinguishedName issuer, CrlExtensions extensions)
        => new(
            issuer,
            IsDelta: extensions.BaseNumber is not null,
            extensions.AuthorityKeyIdentifier is { } identifier ? Convert.ToHexString(identifier.Span) : "",
            Convert.ToHexString(extensions.RawScope));
}
