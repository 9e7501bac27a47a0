using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Authority.Storage;

/// <summary>The root or an issuing authority, without its key.</summary>
/// <param name="Name">Its name in URLs and file names: <c>root</c>, <c>issuing-1</c> and so on.</param>
/// <param name="Certificate">Its certificate.</param>
/// <param name="IsRoot">Whether it is the root.</param>
/// <param name="IsActive">Whether new certificates come from it; of all issuers exactly one is.</param>
internal sealed record IssuerRecord(string Name, ParsedCertificate Certificate, bool IsRoot, bool IsActive);
