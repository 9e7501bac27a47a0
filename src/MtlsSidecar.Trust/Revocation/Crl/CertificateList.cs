using System.Collections.Immutable;
using System.Globalization;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// One CRL (<c>CertificateList</c>, RFC 5280 §5.1) as it stays in memory: what it says, without the bytes that said it. Immutable but for
/// the keys that are known to have signed it, which only grow.
/// </summary>
internal sealed class CertificateList
{
    /// <summary>
    /// How long after its thisUpdate a CRL without nextUpdate counts as a current one. RFC 5280 §5.1.2.5 asks issuers for a nextUpdate, but the
    /// field is optional; without a bound somebody on the network could play back an old CRL forever. What it lists is revoked in any case.
    /// </summary>
    public static readonly TimeSpan MaxAgeWithoutNextUpdate = TimeSpan.FromDays(7);

    private const int MaxRememberedKeys = 8;
    private const int MaxForeignKeys = 32;

    // What stays in memory besides entries and names.
    private const int FixedSize = 2048;
    private const int SizePerIssuer = 256;
    private ImmutableArray<CrlSigningKey> _signers = [];
    private ImmutableArray<byte[]> _foreign = [];
    private volatile bool _isAnnounced;

    /// <summary>The issuer's name.</summary>
    public required DistinguishedName Issuer { get; init; }

    public required DateTimeOffset ThisUpdate { get; init; }

    /// <summary>When the next one is due. A CRL that doesn't say so counts for <see cref="MaxAgeWithoutNextUpdate"/>.</summary>
    public required DateTimeOffset NextUpdate { get; init; }

    public required CrlSignature Signature { get; init; }

    /// <summary>What the extensions say.</summary>
    public required CrlExtensions Extensions { get; init; }

    /// <summary>Ordinals of the certificate issuers that the entries name; the CRL's own issuer is 0.</summary>
    public required IReadOnlyDictionary<DistinguishedName, int> CertificateIssuers { get; init; }

    public required RevokedSerials Entries { get; init; }

    /// <summary>Tells whether it is the same as another: a hash of everything that is signed, and of the signature.</summary>
    public string Fingerprint => Signature.Fingerprint;

    /// <summary>What it has in common with the CRLs whose place it takes.</summary>
    public required CrlScope Scope { get; init; }

    /// <summary>The issuer's name for people.</summary>
    public string IssuerText => Issuer.ToString();

    public bool IsDelta => Extensions.BaseNumber is not null;

    /// <summary>Keys that have been seen to verify the signature and to belong to the issuer.</summary>
    public ImmutableArray<CrlSigningKey> Signers => _signers;

    /// <summary>Whether a key that an anchor vouches for is known to have signed it.</summary>
    public bool IsVerified => !_signers.IsEmpty;

    /// <summary>
    /// Whether those who hear of changes have heard of it. One that nobody known has signed says nothing about anybody, so nobody hears of it
    /// before it turns out to be genuine.
    /// </summary>
    public bool IsAnnounced
    {
        get => _isAnnounced;
        set => _isAnnounced = value;
    }

    /// <summary>About how many bytes of memory it takes.</summary>
    public long Size => FixedSize + Entries.Size + Issuer.RawData.Length + ((long)SizePerIssuer * CertificateIssuers.Count);

    public CrlAge Age => new(Extensions.Number, ThisUpdate);

    /// <summary>Whether the key is remembered to have signed this CRL.</summary>
    public bool IsSignedBy(ReadOnlySpan<byte> subjectPublicKeyInfo) => FindSigner(subjectPublicKeyInfo) is not null;

    /// <summary>The key as it is remembered to have signed this CRL; null when it isn't.</summary>
    public CrlSigningKey? FindSigner(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        foreach (var signer in _signers)
        {
            if (signer.Is(subjectPublicKeyInfo))
            {
                return signer;
            }
        }

        return null;
    }

    /// <summary>
    /// Remembers that the key signed this CRL, so that a handshake costs no signature check. Only keys that an anchor vouches for may be
    /// remembered: a stranger can make a key of his own fit a given RSA signature.
    /// </summary>
    public void Remember(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        if (IsSignedBy(subjectPublicKeyInfo))
        {
            return;
        }

        // Handshakes beside each other verify one key at once, which must not take up the room of the others.
        var key = new CrlSigningKey(subjectPublicKeyInfo.ToArray(), CrlWatermarks.MarkOf(Scope, subjectPublicKeyInfo));
        ImmutableInterlocked.Update(
            ref _signers,
            static (signers, key) => signers.Length >= MaxRememberedKeys || signers.Any(signer => signer.Is(key.Info)) ? signers : signers.Add(key),
            key);
    }

    /// <summary>Whether the key is remembered not to have signed this CRL.</summary>
    public bool IsForeign(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        foreach (var key in _foreign)
        {
            if (subjectPublicKeyInfo.SequenceEqual(key))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Remembers that the key did not sign this CRL, so that a CRL with an authority's name that isn't the authority's costs each of its keys
    /// one check and not one at each handshake. For keys of validated paths: a peer could fill the memory with others.
    /// </summary>
    public void RememberForeign(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        var key = subjectPublicKeyInfo.ToArray();
        ImmutableInterlocked.Update(
            ref _foreign, static (keys, key) => keys.Length >= MaxForeignKeys || keys.Any(known => known.AsSpan().SequenceEqual(key)) ? keys : keys.Add(key), key);
    }

    /// <summary>When a CRL ends that doesn't say so.</summary>
    public static DateTimeOffset ImpliedNextUpdate(DateTimeOffset thisUpdate)
        => DateTimeOffset.MaxValue - thisUpdate > MaxAgeWithoutNextUpdate ? thisUpdate + MaxAgeWithoutNextUpdate : DateTimeOffset.MaxValue;

    /// <summary>Until when it counts as a current one, if it counts so long past its nextUpdate.</summary>
    public DateTimeOffset EndAfter(TimeSpan staleness) => DateTimeOffset.MaxValue - NextUpdate > staleness ? NextUpdate + staleness : DateTimeOffset.MaxValue;

    /// <summary>Whether this delta CRL may be combined with that complete one, the signer and the time apart (RFC 5280 §5.2.4).</summary>
    public bool BuildsOn(CertificateList complete)
        => complete.Extensions.Number is { } number
            && number >= Extensions.BaseNumber
            && number < Extensions.Number
            && complete.Scope.DistributionPoint == Scope.DistributionPoint
            && complete.Scope.KeyIdentifier == Scope.KeyIdentifier;

    /// <summary>
    /// Whether it takes the place of an older one of its scope, who signed it apart. A delta CRL does so only if it reports at least as much:
    /// from the same base on or an earlier one.
    /// </summary>
    public bool ReportsAllOf(CertificateList older) => !IsDelta || Extensions.BaseNumber <= older.Extensions.BaseNumber;

    /// <summary>Looks a certificate up.</summary>
    /// <param name="certificateIssuer">Its issuer's name.</param>
    /// <param name="serialNumber">Content octets of its serial number.</param>
    /// <param name="reason">Why it is listed.</param>
    public bool TryFind(DistinguishedName certificateIssuer, ReadOnlySpan<byte> serialNumber, out CrlReason reason)
    {
        reason = default;
        return CertificateIssuers.TryGetValue(certificateIssuer, out var ordinal) && Entries.TryFind(serialNumber, ordinal, out reason);
    }

    /// <inheritdoc/>
    public override string ToString()
        => $"{(IsDelta ? "delta CRL" : "CRL")} {Extensions.Number?.ToString(CultureInfo.InvariantCulture) ?? "without number"} of {IssuerText}";
}
