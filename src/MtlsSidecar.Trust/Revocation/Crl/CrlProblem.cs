namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>What is wrong with a CRL of a source.</summary>
/// <param name="Source">The file or URL.</param>
/// <param name="Message">What is wrong, in one sentence without its final dot.</param>
/// <param name="IsCertain">Whether it is wrong whoever connects; otherwise a peer may bring what is missing.</param>
public sealed record CrlProblem(string Source, string Message, bool IsCertain);
