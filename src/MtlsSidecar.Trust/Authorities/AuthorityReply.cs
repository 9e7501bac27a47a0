using System.Net;

namespace MtlsSidecar.Trust.Authorities;

/// <summary>What the authority's server answered, whole and of bounded size.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Body">The body.</param>
internal sealed record AuthorityReply(HttpStatusCode Status, ReadOnlyMemory<byte> Body);
