namespace MtlsSidecar.Trust.Paths.Rules;

/// <summary>
/// Trust anchors that are no more than a name and a key (RFC 5280 §6.1.1(d)): certificates without basic constraints, taken out of the
/// middle of a PKI. That they are authorities is the operator's word, the "out-of-band means" of §6.1.4(k). A self-signed certificate is
/// none: it is all that its owner says of itself, and a version 3 root without basic constraints breaks §4.2.1.9.
/// </summary>
internal static class BareAnchor
{
    /// <summary>Whether a trust anchor is one. Fails closed: where the options don't ask for it, none is.</summary>
    public static bool Is(ParsedCertificate anchor, PathOptions options)
        => options.BareAnchors && anchor.Version == 3 && anchor.BasicConstraints is null && !SignatureRules.IsSelfSigned(anchor);
}
