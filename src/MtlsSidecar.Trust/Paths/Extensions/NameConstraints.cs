using System.Formats.Asn1;

namespace MtlsSidecar.Trust.Paths.Extensions;

/// <summary>The name space left to an authority (RFC 5280 §4.2.1.10). Its subtrees are well formed.</summary>
/// <param name="Permitted">Subtrees of which a name of the same form must be inside one.</param>
/// <param name="Excluded">Subtrees outside of which every name of the same form must be.</param>
public sealed record NameConstraints(IReadOnlyList<GeneralName> Permitted, IReadOnlyList<GeneralName> Excluded)
{
    private static readonly Asn1Tag PermittedTag = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag ExcludedTag = new(TagClass.ContextSpecific, 1, isConstructed: true);

    private readonly ILookup<GeneralNameKind, GeneralName> _permitted = Permitted.ToLookup(subtree => subtree.Kind);
    private readonly ILookup<GeneralNameKind, GeneralName> _excluded = Excluded.ToLookup(subtree => subtree.Kind);

    /// <summary>The permitted subtrees for names of a form; a name is never compared with those of other forms.</summary>
    internal IEnumerable<GeneralName> PermittedFor(GeneralNameKind kind) => _permitted[kind];

    /// <summary>The excluded subtrees for names of a form.</summary>
    internal IEnumerable<GeneralName> ExcludedFor(GeneralNameKind kind) => _excluded[kind];

    internal static NameConstraints Read(ReadOnlyMemory<byte> value)
    {
        // Not empty: constraints that say nothing MUST NOT be issued, and reading them as "anything goes" would be the wrong guess.
        var sequence = DerValue.ReadNonEmptySequence(value);
        var permitted = ReadSubtrees(sequence, PermittedTag);
        var excluded = ReadSubtrees(sequence, ExcludedTag);
        sequence.ThrowIfNotEmpty();
        return new NameConstraints(permitted, excluded);
    }

    private static List<GeneralName> ReadSubtrees(AsnReader constraints, Asn1Tag tag)
    {
        var subtrees = new List<GeneralName>();
        if (!constraints.HasData || constraints.PeekTag() != tag)
        {
            return subtrees;
        }

        var list = constraints.ReadSequence(tag);
        do
        {
            var subtree = list.ReadSequence();
            var name = GeneralName.Read(subtree);

            // minimum is 0 by DEFAULT and so absent in DER, maximum must be absent: whatever follows the name is refused.
            subtree.ThrowIfNotEmpty();
            Names.NameSubtree.ThrowIfMalformed(name);
            subtrees.Add(name);
        }
        while (list.HasData);

        return subtrees;
    }
}
