using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Validation;

/// <summary>What came of a job.</summary>
/// <param name="Verdict">The validator's verdict.</param>
/// <param name="Notes">Inputs that couldn't be used and so counted for nothing, each with the reason.</param>
internal sealed record ValidationOutcome(PeerValidation Verdict, IReadOnlyList<string> Notes);
