using System.Numerics;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>What tells which of two CRLs of one scope is newer.</summary>
/// <param name="Number">The CRL number; null when it has none.</param>
/// <param name="ThisUpdate">When it was issued.</param>
internal readonly record struct CrlAge(BigInteger? Number, DateTimeOffset ThisUpdate) : IComparable<CrlAge>
{
    /// <summary>By number, and by date where one has none or they are equal (RFC 5280 §5.2.3): positive when this one is newer.</summary>
    public int CompareTo(CrlAge other)
        => Number is { } number && other.Number is { } otherNumber && number != otherNumber ? number.CompareTo(otherNumber) : ThisUpdate.CompareTo(other.ThisUpdate);
}
