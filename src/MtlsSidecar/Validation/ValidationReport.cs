using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Validation;

/// <summary>What came of a job, in the form of the command's JSON.</summary>
/// <param name="Id">The job's id in a batch.</param>
/// <param name="Verdict"><c>accepted</c> or <c>rejected</c>.</param>
/// <param name="Reason">The rejection reason's name; null when accepted.</param>
/// <param name="Detail">What was found, in one sentence.</param>
internal sealed record ValidationReport(string? Id, string Verdict, string? Reason, string Detail)
{
    /// <summary>Whether the certificate was accepted.</summary>
    public bool IsAccepted => Reason is null;

    /// <summary>The report of a verdict.</summary>
    public static ValidationReport Of(string? id, PeerValidation validation) => validation switch
    {
        PeerValidation.Accepted { Peer: var peer } => new ValidationReport(id, "accepted", null, Describe(peer)),
        PeerValidation.Rejected { Rejection: var rejection } => Rejected(id, rejection.Reason, Describe(rejection)),
        _ => throw new ArgumentException($"unknown validation {validation.GetType()}", nameof(validation)),
    };

    /// <summary>The report of a refusal.</summary>
    public static ValidationReport Rejected(string? id, RejectionReason reason, string detail) => new(id, "rejected", reason.ToString(), detail);

    private static string Describe(ValidatedPeer peer)
    {
        var path = string.Join(" ← ", peer.Path.Certificates.Select(certificate => certificate.SubjectText));
        return peer.Identity.Name.Length > 0 ? $"{peer.Identity.Name} by {path}" : path;
    }

    private static string Describe(PeerRejection rejection)
        => string.Join(": ", new[] { rejection.Certificate, rejection.Detail, rejection.Rule }.Where(part => !string.IsNullOrEmpty(part)));
}
