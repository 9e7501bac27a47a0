using System.Net.Http.Headers;

namespace MtlsSidecar.Trust.Revocation.Fetching;

/// <summary>An answer. Owns the memory of its body.</summary>
/// <param name="Body">The body; null when nothing has changed since the last time (304).</param>
/// <param name="EntityTag">By which to ask next time.</param>
/// <param name="LastModified">By which to ask next time.</param>
internal sealed record FetchedContent(NativeBuffer? Body, EntityTagHeaderValue? EntityTag, DateTimeOffset? LastModified) : IDisposable
{
    public void Dispose() => Body?.Dispose();
}
