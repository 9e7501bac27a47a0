using System.Formats.Asn1;

namespace MtlsSidecar.Trust.Paths.Extensions;

/// <summary>One certificate policy (RFC 5280 §4.2.1.4).</summary>
/// <param name="Policy">Its object identifier.</param>
/// <param name="HasUnknownQualifier">Whether it is qualified by something else than a statement's address or a notice.</param>
public sealed record PolicyInformation(string Policy, bool HasUnknownQualifier)
{
    private const string CertificationPracticeStatement = "1.3.6.1.5.5.7.2.1";
    private const string UserNotice = "1.3.6.1.5.5.7.2.2";

    internal static IReadOnlyList<PolicyInformation> ReadAll(ReadOnlyMemory<byte> value)
    {
        var sequence = DerValue.ReadNonEmptySequence(value);
        var policies = new List<PolicyInformation>();
        var seen = new HashSet<string>();
        while (sequence.HasData)
        {
            var information = sequence.ReadSequence();
            var policy = information.ReadObjectIdentifier();
            if (!seen.Add(policy))
            {
                throw new AsnContentException($"certificate policy {policy} occurs twice");
            }

            policies.Add(new PolicyInformation(policy, information.HasData && ReadQualifiers(information)));
            information.ThrowIfNotEmpty();
        }

        return policies;
    }

    private static bool ReadQualifiers(AsnReader information)
    {
        var qualifiers = information.ReadSequence();
        var hasUnknown = false;
        do
        {
            var qualifier = qualifiers.ReadSequence();
            hasUnknown |= qualifier.ReadObjectIdentifier() is not (CertificationPracticeStatement or UserNotice);
            qualifier.ReadEncodedValue();
            qualifier.ThrowIfNotEmpty();
        }
        while (qualifiers.HasData);

        return hasUnknown;
    }
}
