namespace MtlsSidecar.Authority.Storage;

/// <summary>What came of revoking all that a workload has.</summary>
/// <param name="Certificates">Its certificates that haven't ended, each with what came of it.</param>
/// <param name="CancelledTokens">How many enrolment tokens were withdrawn.</param>
internal sealed record IdentityRevocation(IReadOnlyList<(CertificateRecord Certificate, RevocationOutcome Outcome)> Certificates, int CancelledTokens);
