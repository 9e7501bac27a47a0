using Microsoft.AspNetCore.Http;

namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>The stages that requests of a listener go through: each can refuse, the last one forwards.</summary>
internal interface IForwardingPipeline
{
    /// <summary>Answers one request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="exchange">Its account, which the caller disposes.</param>
    Task InvokeAsync(HttpContext context, Exchange exchange);
}
