namespace MtlsSidecar.Conformance.Tests.Limbo;

/// <summary>
/// Which cases of x509-limbo are no law for a private PKI, each with the reason. They bind who issues certificates for the public web;
/// a relying party that held a private authority to them would refuse good peers and keep out no bad one.
/// </summary>
internal static class LimboRules
{
    /// <summary>The suite's marks of rules that go beyond what a relying party needs.</summary>
    private static readonly Dictionary<string, string> Pedantic = new()
    {
        ["pedantic-public-suffix-wildcard"] = "a private PKI has no public suffixes",
        ["pedantic-webpki-eku"] = "CA/B BR 7.1.2; RFC 5280 §4.2.1.12 allows anyExtendedKeyUsage in a leaf and a usage in a root",
        ["rfc5280-incompatible-with-webpki"] = "RFC 5280 §4.2.1.10 tells authorities to mark name constraints critical; we heed them either way, as the suite's web-PKI twin demands",
    };

    /// <summary>Families of cases by the beginning of their id.</summary>
    private static readonly (string Prefix, string Reason)[] Families =
    [
        ("webpki::cn::", "CA/B BR 7.1.4.3, how a common name repeats an alternative name; we never read the common name"),
        ("webpki::aki::", "CA/B BR 7.1.2.1, the form of a root's key identifier; RFC 5280 §4.2.1.1 lets a root omit it"),
        ("webpki::san::san-critical-with-nonempty-subject", "RFC 5280 §4.2.1.6 is a SHOULD for authorities; critical says only that the reader must understand it"),
        ("webpki::malformed-aia", "the form of an authority's address, which is not followed to build paths"),
        ("rfc5280::serial::zero", "RFC 5280 §4.1.2.2 asks users to handle such certificates gracefully"),
    ];

    /// <summary>The reason why a case is left out; null when it counts.</summary>
    public static string? WhyLeftOut(LimboCase test)
    {
        if (test.IsValid)
        {
            return null;
        }

        if (IsMissingKeyIdentifier(test.Id))
        {
            return "RFC 5280 §4.2.1.1, §4.2.1.2: key identifiers help authorities' users to build paths; a path that holds needs no help";
        }

        return test.Features.Select(feature => Pedantic.GetValueOrDefault(feature)).FirstOrDefault(reason => reason is not null)
            ?? Families.FirstOrDefault(family => test.Id.StartsWith(family.Prefix, StringComparison.Ordinal)).Reason;
    }

    private static bool IsMissingKeyIdentifier(string id)
        => id.Contains("missing-aki", StringComparison.Ordinal) || id.Contains("missing-ski", StringComparison.Ordinal);
}
