using System.Text.Json;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Validation;

/// <summary>What came of a job, in the form of the command's JSON.</summary>
/// <param name="Id">The job's id in a batch.</param>
/// <param name="Verdict"><c>accepted</c> or <c>rejected</c>.</param>
/// <param name="Reason">The rejection reason's name; null when accepted.</param>
/// <param name="Detail">What was found, in one sentence.</param>
internal sealed record ValidationReport(JsonElement? Id, string Verdict, string? Reason, string Detail)
{
    /// <summary>Whether the certificate was accepted.</summary>
    public bool IsAccepted => Reason is null;

    /// <summary>The report of a verdict.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="validation">The verdict.</param>
    /// <param name="notes">What else an operator must know: inputs that couldn't be used.</param>
    public static ValidationReport Of(JsonElement? id, PeerValidation validation, IReadOnlyList<string> notes) => validation switch
    {
        PeerValidation.Accepted { Peer: var peer } => new ValidationReport(id, "accepted", null, With(notes, Describe(peer))),
        PeerValidation.Rejected { Rejection: var rejection } => Rejected(id, rejection.Reason, With(notes, Describe(rejection))),
        _ => throw new ArgumentException($"unknown validation {validation.GetType()}", nameof(validation)),
    };

    /// <summary>The report of a refusal.</summary>
    public static ValidationReport Rejected(JsonElement? id, RejectionReason reason, string detail) => new(id, "rejected", reason.ToString(), detail);

    private static string With(IReadOnlyList<string> notes, string detail) => notes.Count == 0 ? detail : $"{detail} (not used: {string.Join("; ", notes)})";

    private static string Describe(ValidatedPeer peer)
    {
        var path = string.Join(" ← ", peer.Path.Certificates.Select(certificate => certificate.SubjectText));
        return peer.Identity.Name.Length > 0 ? $"{peer.Identity.Name} by {path}" : path;
    }

    private static string Describe(PeerRejection rejection)
        => string.Join(": ", new[] { rejection.Certificate, rejection.Detail, rejection.Rule }.Where(part => !string.IsNullOrEmpty(part)));
}
