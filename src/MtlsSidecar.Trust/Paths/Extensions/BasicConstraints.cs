using System.Formats.Asn1;

namespace MtlsSidecar.Trust.Paths.Extensions;

/// <summary>Whether a certificate is an authority's and how long the path below it may be (RFC 5280 §4.2.1.9).</summary>
/// <param name="IsAuthority">The <c>cA</c> flag.</param>
/// <param name="PathLength">How many non-self-issued intermediates may follow; null for any number.</param>
public sealed record BasicConstraints(bool IsAuthority, int? PathLength)
{
    internal static BasicConstraints Read(ReadOnlyMemory<byte> value)
    {
        var sequence = DerValue.ReadSequence(value);
        var isAuthority = sequence.HasData && sequence.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && sequence.ReadBoolean();
        int? pathLength = sequence.HasData ? DerValue.ReadSkipCount(sequence, Asn1Tag.Integer) : null;
        sequence.ThrowIfNotEmpty();
        return new BasicConstraints(isAuthority, pathLength);
    }
}
