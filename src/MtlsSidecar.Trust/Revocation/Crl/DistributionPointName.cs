using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths.Extensions;
using MtlsSidecar.Trust.Paths.Names;

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
    public static DistributionPointName Read(AsnReader choice, DistinguishedName crlIssuer)
    {
        DistributionPointName name;
        if (choice.PeekTag().HasSameClassAndValue(FullName))
        {
            name = new DistributionPointName(GeneralNames.ReadContent(choice.ReadSequence(FullName)));
        }
        else
        {
            var relative = choice.ReadSetOf(skipSortOrderValidation: true, NameRelativeToCrlIssuer);
            name = new DistributionPointName([GeneralName.ForDirectory(Append(crlIssuer, relative))]);
        }

        choice.ThrowIfNotEmpty();
        return name;
    }

    /// <summary>Whether one of the names is one of those.</summary>
    public bool Matches(IEnumerable<GeneralName> others)
        => others.Any(other => Names.Any(name => GeneralNames.AreEqual(name, other)));

    /// <summary>The CRL issuer's name with one more relative name at its end.</summary>
    private static DistinguishedName Append(DistinguishedName crlIssuer, AsnReader relative)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            for (var parts = DerValue.ReadSequence(crlIssuer.RawData); parts.HasData;)
            {
                writer.WriteEncodedValue(parts.ReadEncodedValue().Span);
            }

            using (writer.PushSetOf())
            {
                while (relative.HasData)
                {
                    writer.WriteEncodedValue(relative.ReadEncodedValue().Span);
                }
            }
        }

        return DistinguishedName.Read(writer.Encode());
    }
}
