namespace MtlsSidecar.Conformance.Tests.BoringSsl;

/// <summary>Which of BoringSSL's chains ask for something that our contract doesn't have, each with the reason.</summary>
internal static class BoringSslChainRules
{
    /// <summary>Families of cases by the beginning of their id.</summary>
    private static readonly (string Prefix, string Reason)[] Families =
    [
        ("chain::target-msapplicationpolicies", "RFC 5280 §4.2: a critical extension that isn't known must be refused, and Microsoft's application policies are no standard's"),
        ("chain::many-names/ok-all-types", "RFC 5280 §4.2.1.10: a URI constraint is a host name; this one is a whole URI, which BoringSSL doesn't read"),
    ];

    /// <summary>
    /// Ways to trust the last certificate, nearest to ours first. Our anchors are certificates, which keep their own validity and
    /// constraints (RFC 5937), and any of them may be presented itself.
    /// </summary>
    private static readonly List<string> TrustByNearness =
    [
        "TRUSTED_ANCHOR_WITH_EXPIRATION_AND_CONSTRAINTS", "TRUSTED_ANCHOR_WITH_EXPIRATION", "TRUSTED_ANCHOR_WITH_CONSTRAINTS", "TRUSTED_ANCHOR_OR_LEAF",
        "TRUSTED_ANCHOR", "TRUSTED_LEAF", "TRUSTED_LEAF_REQUIRE_SELF_SIGNED",
    ];

    /// <summary>The reason why a case is left out; null when it counts.</summary>
    public static string? WhyLeftOut(BoringSslChainCase test)
    {
        if (test.KeyPurpose is not ("ANY_EKU" or "SERVER_AUTH" or "CLIENT_AUTH"))
        {
            return "a purpose that we don't offer: web-PKI strictness, MLS, C2PA";
        }

        if (test.Input.Anchors.Count > 0 && NearestTwin(test).IsValid != test.IsValid)
        {
            return "the suite's verdict on the same question under a kind of trust that is nearer to ours is the opposite";
        }

        return Families.FirstOrDefault(family => test.Id.StartsWith(family.Prefix, StringComparison.Ordinal)).Reason;
    }

    private static BoringSslChainCase NearestTwin(BoringSslChainCase test)
        => BoringSslChainSuite.Cases.Values
            .Where(other => other.Question == test.Question && other.Input.Anchors.Count > 0)
            .MinBy(other => TrustByNearness.IndexOf(other.LastCertificateTrust))!;
}
