namespace MtlsSidecar.Authority.Storage;

/// <summary>What came of an attempt to redeem a token.</summary>
/// <param name="Outcome">Whether it was good.</param>
/// <param name="Certificate">The certificate, when it was.</param>
internal sealed record TokenRedemption(TokenOutcome Outcome, CertificateRecord? Certificate = null);
