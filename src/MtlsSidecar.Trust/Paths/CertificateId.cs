using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Paths;

/// <summary>What CRLs and OCSP responders know a certificate by: its issuer's name and its serial number.</summary>
/// <param name="issuer">The issuer's name.</param>
/// <param name="serialNumber">The content octets of the serial number, as encoded.</param>
public readonly struct CertificateId(DistinguishedName issuer, ReadOnlyMemory<byte> serialNumber) : IEquatable<CertificateId>
{
    /// <summary>The issuer's name.</summary>
    public DistinguishedName Issuer { get; } = issuer;

    /// <summary>The content octets of the serial number.</summary>
    public ReadOnlyMemory<byte> SerialNumber { get; } = serialNumber;

    /// <summary>Whether two are the same.</summary>
    public static bool operator ==(CertificateId left, CertificateId right) => left.Equals(right);

    /// <summary>Whether two differ.</summary>
    public static bool operator !=(CertificateId left, CertificateId right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(CertificateId other) => SerialNumber.Span.SequenceEqual(other.SerialNumber.Span) && Issuer.Equals(other.Issuer);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CertificateId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(SerialNumber.Span);
        hash.Add(Issuer);
        return hash.ToHashCode();
    }
}
