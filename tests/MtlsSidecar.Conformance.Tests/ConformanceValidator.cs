using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Conformance.Tests;

/// <summary>Runs a case through the product's own <see cref="PeerValidator"/>.</summary>
internal static class ConformanceValidator
{
    /// <summary>Judges a case.</summary>
    /// <param name="input">The case.</param>
    /// <param name="revocation">Where revocation is looked up, for every certificate and with "unknown" refused; null for no revocation.</param>
    public static async Task<PeerValidation> JudgeAsync(ConformanceInput input, IRevocationSource? revocation = null)
    {
        var anchors = new List<ParsedCertificate>();
        foreach (var anchor in input.Anchors)
        {
            if (!ParsedCertificate.TryParse(anchor, out var parsed, out var error))
            {
                return new PeerValidation.Rejected(new PeerRejection(RejectionReason.Malformed, "anchor: " + error));
            }

            anchors.Add(parsed);
        }

        var policy = new RevocationPolicy(revocation is null ? RevocationMode.Off : RevocationMode.Chain, UnknownStatusPolicy.Reject);
        var validator = new PeerValidator(
            new AnchorSource(anchors),
            new LocalCertificateValidator(policy, revocation is null ? [] : [revocation]),
            input.Options,
            new ManualTimeProvider(input.At));
        return await validator.ValidateAsync(new PresentedChain(input.Leaf, input.Untrusted), new PeerExpectation(input.Usage, input.Identities), CancellationToken.None);
    }

    /// <summary>The verdict in one line, for the message of a failed test.</summary>
    public static string Describe(PeerValidation validation) => validation switch
    {
        PeerValidation.Rejected(var rejection) => $"rejected: {rejection.Reason}: {rejection.Detail} [{rejection.Rule}] {rejection.Certificate}",
        _ => "accepted",
    };
}
