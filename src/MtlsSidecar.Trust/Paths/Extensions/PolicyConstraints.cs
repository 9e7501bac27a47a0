using System.Formats.Asn1;

namespace MtlsSidecar.Trust.Paths.Extensions;

/// <summary>When a path must name an explicit policy and when policies may no longer be mapped (RFC 5280 §4.2.1.11).</summary>
/// <param name="RequireExplicitPolicy">After how many certificates an explicit policy is required; null for no demand.</param>
/// <param name="InhibitPolicyMapping">After how many certificates mapping ends; null for no limit.</param>
public sealed record PolicyConstraints(int? RequireExplicitPolicy, int? InhibitPolicyMapping)
{
    private static readonly Asn1Tag RequireTag = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag InhibitTag = new(TagClass.ContextSpecific, 1);

    internal static PolicyConstraints Read(ReadOnlyMemory<byte> value)
    {
        var sequence = DerValue.ReadNonEmptySequence(value);
        int? require = sequence.PeekTag() == RequireTag ? DerValue.ReadSkipCount(sequence, RequireTag) : null;
        int? inhibit = sequence.HasData && sequence.PeekTag() == InhibitTag ? DerValue.ReadSkipCount(sequence, InhibitTag) : null;
        sequence.ThrowIfNotEmpty();
        return new PolicyConstraints(require, inhibit);
    }
}
