using System.Formats.Asn1;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>A <c>DistributionPointName</c> (RFC 5280 §4.2.1.13), with a relative name already resolved.</summary>
/// <param name="Names">The names of the point; one is enough for a match.</param>
internal sealed record DistributionPointName(IReadOnlyList<GeneralName> Names)
{
    private static readonly Asn1Tag FullName = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag NameRelativeToCrlIssuer = new(TagClass.ContextSpecific, 1);

    /// <summary>Reads the choice inside its explicit tag.</summary>
    /// <param name="choice">Positioned at the choice; must hold nothing else.</param>
    /// <param name="crlIssuer">What a relative name is relative to.</param>
    public static DistributionPointName Read(AsnReader choice, NameKey crlIssuer)
    {
        var tag = choice.PeekTag();
        DistributionPointName name;
        if (tag.HasSameClassAndValue(FullName))
        {
            name = new DistributionPointName(GeneralNames.ReadContent(choice.ReadSequence(FullName)));
        }
        else
        {
            var relative = choice.ReadSetOf(skipSortOrderValidation: true, NameRelativeToCrlIssuer);
            name = new DistributionPointName([GeneralName.Of(crlIssuer.Append(relative))]);
        }

        choice.ThrowIfNotEmpty();
        return name;
    }

    /// <summary>Whether one of the names is one of those.</summary>
    public bool Matches(IEnumerable<GeneralName> others)
    {
        foreach (var other in others)
        {
            foreach (var name in Names)
            {
                if (string.Equals(name.Canonical, other.Canonical, StringComparison.Ordinal))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
