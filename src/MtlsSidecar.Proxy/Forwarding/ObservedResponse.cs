using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>
/// Kestrel's response with an observed stream. Assigning <c>Response.Body</c> would not do: ASP.NET's stand-in then starts the response on
/// completion, which turns a trailers-only gRPC answer into headers followed by trailers, and gRPC clients refuse that.
/// </summary>
internal sealed class ObservedResponse(IHttpResponseBodyFeature inner, ObservedBody body) : IHttpResponseBodyFeature
{
    /// <inheritdoc/>
    public Stream Stream => body;

    /// <inheritdoc/>
    public PipeWriter Writer => inner.Writer;

    /// <inheritdoc/>
    public void DisableBuffering() => inner.DisableBuffering();

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken = default) => inner.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
        => inner.SendFileAsync(path, offset, count, cancellationToken);

    /// <inheritdoc/>
    public Task CompleteAsync() => inner.CompleteAsync();
}
