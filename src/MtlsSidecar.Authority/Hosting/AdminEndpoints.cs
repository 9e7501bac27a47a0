using System.Text.Json;
using System.Text.Json.Nodes;
using MtlsSidecar.Authority.Telemetry;

namespace MtlsSidecar.Authority.Hosting;

/// <summary><c>/metrics</c> and the probes <c>/healthz/live|ready|startup</c>.</summary>
internal sealed class AdminEndpoints(Readiness readiness, ServerIdentity identity, ServerState state, MetricsText metrics)
{
    /// <summary>Answers one request.</summary>
    public Task InvokeAsync(HttpContext context) => (context.Request.Path.Value, context.Request.Method) switch
    {
        ("/metrics", "GET") => WriteAsync(context, metrics.Collect(), MetricsText.ContentType),
        ("/healthz/live" or "/healthz/startup", "GET" or "HEAD") => ProbeAsync(context, []),
        ("/healthz/ready", "GET" or "HEAD") => ProbeAsync(context, state.IsDraining ? ["draining"] : Reasons()),
        _ => Problem.WriteAsync(context, StatusCodes.Status404NotFound, "not_found"),
    };

    private IReadOnlyList<string> Reasons() => identity.Problem is { } problem ? [.. readiness.Reasons(), problem] : readiness.Reasons();

    private static Task ProbeAsync(HttpContext context, IReadOnlyList<string> reasons)
    {
        context.Response.StatusCode = reasons.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        var answer = new JsonObject
        {
            ["status"] = reasons.Count == 0 ? "ok" : "unready",
            ["reasons"] = new JsonArray([.. reasons.Select(reason => JsonValue.Create(reason))]),
        };
        return WriteAsync(context, answer.ToJsonString(JsonSerializerOptions.Default), "application/json");
    }

    private static Task WriteAsync(HttpContext context, string text, string contentType)
    {
        context.Response.ContentType = contentType;
        context.Response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(text, context.RequestAborted);
    }
}
