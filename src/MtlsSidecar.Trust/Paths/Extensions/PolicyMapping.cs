namespace MtlsSidecar.Trust.Paths.Extensions;

/// <summary>A policy of the subject's domain that the issuer regards as equal to one of its own (RFC 5280 §4.2.1.5).</summary>
/// <param name="IssuerPolicy">The policy in the issuer's domain.</param>
/// <param name="SubjectPolicy">The policy in the subject's domain.</param>
public readonly record struct PolicyMapping(string IssuerPolicy, string SubjectPolicy)
{
    internal static IReadOnlyList<PolicyMapping> ReadAll(ReadOnlyMemory<byte> value)
    {
        var sequence = DerValue.ReadNonEmptySequence(value);
        var mappings = new List<PolicyMapping>();
        while (sequence.HasData)
        {
            var mapping = sequence.ReadSequence();
            mappings.Add(new PolicyMapping(mapping.ReadObjectIdentifier(), mapping.ReadObjectIdentifier()));
            mapping.ThrowIfNotEmpty();
        }

        return mappings;
    }
}
