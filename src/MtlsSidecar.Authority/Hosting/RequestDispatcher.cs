using MtlsSidecar.Authority.Enrolment;
using MtlsSidecar.Authority.Revocation;
using MtlsSidecar.Authority.Revocation.Ocsp;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Authority.Telemetry;
using MtlsSidecar.Authority.Validation;

namespace MtlsSidecar.Authority.Hosting;

/// <summary>
/// Gives each request to what its listener serves, within the caller's rate. Whatever goes wrong inside ends as an error that tells the
/// caller nothing.
/// </summary>
internal sealed partial class RequestDispatcher(
    (EstEndpoints Est, ValidationEndpoint Validation) enrolment,
    (PublicationEndpoints Files, OcspEndpoint Ocsp) publication,
    AdminEndpoints admin,
    (CallerRateLimit RateLimit, ServerState State, AuthorityMetrics Metrics) shared,
    ILogger<RequestDispatcher> logger)
{
    private const string ValidationPath = "/v1/validations";

    /// <summary>Answers one request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        // No mark, no service: a listener that isn't ours must not reach anything.
        if (context.Features.Get<AuthorityListener>() is not { Role: var role })
        {
            context.Abort();
            return;
        }

        shared.State.Enter();
        try
        {
            await ServeAsync(context, role);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone.
        }
        catch (BadHttpRequestException exception)
        {
            await Problem.WriteAsync(context, exception.StatusCode, "bad_request");
        }
        catch (Exception exception) when (exception is AuthorityException or ClockMovedBackException)
        {
            Log.Unavailable(logger, exception.Message);
            await Problem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "unavailable");
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            Log.Failed(logger, exception, context.Request.Method, role);
            await Problem.WriteAsync(context, StatusCodes.Status500InternalServerError, "internal_error");
        }
        finally
        {
            shared.Metrics.Answered(role.ToString(), context.Response.StatusCode);
            shared.State.Leave();
        }
    }

    private Task ServeAsync(HttpContext context, ListenerRole role)
    {
        if (role == ListenerRole.Admin)
        {
            return admin.InvokeAsync(context);
        }

        if (shared.State.IsDraining && HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            context.Response.Headers.Connection = "close";
        }

        if (!shared.RateLimit.TryTake(Caller.KeyOf(context.Connection.RemoteIpAddress)))
        {
            context.Response.OnStarting(() =>
            {
                context.Response.Headers.RetryAfter = "1";
                return Task.CompletedTask;
            });
            return Problem.WriteAsync(context, StatusCodes.Status429TooManyRequests, "too_many_requests");
        }

        var path = context.Request.Path.Value ?? "";
        return role switch
        {
            ListenerRole.Enrolment when path.StartsWith(EstEndpoints.Prefix, StringComparison.Ordinal) => enrolment.Est.InvokeAsync(context),
            ListenerRole.Enrolment when path == ValidationPath => enrolment.Validation.InvokeAsync(context),
            ListenerRole.Publication when path == OcspEndpoint.Path || path.StartsWith(OcspEndpoint.Path + "/", StringComparison.Ordinal)
                => publication.Ocsp.InvokeAsync(context),
            ListenerRole.Publication => publication.Files.InvokeAsync(context),
            _ => Problem.WriteAsync(context, StatusCodes.Status404NotFound, "not_found"),
        };
    }

    private static partial class Log
    {
        [LoggerMessage(8201, LogLevel.Error, "Could not answer: {Reason}", EventName = nameof(Unavailable))]
        public static partial void Unavailable(ILogger logger, string reason);

        [LoggerMessage(8202, LogLevel.Error, "A {Method} request on {Listener} failed", EventName = nameof(Failed))]
        public static partial void Failed(ILogger logger, Exception exception, string method, ListenerRole listener);
    }
}
