using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace MtlsSidecar.Proxy.Http;

/// <summary>
/// The first look at a request in either direction: refuses what two parties could read differently, and removes what the caller has
/// no right to say. Nothing behind it sees a request that it refused.
/// </summary>
internal sealed class RequestGuard
{
    private static readonly SearchValues<string> PunycodePrefix = SearchValues.Create(["xn--"], StringComparison.OrdinalIgnoreCase);
    private readonly RequestGuardOptions _options;

    public RequestGuard(RequestGuardOptions options) => _options = options;

    /// <summary>Cleans the request in place and lets it pass (null), or says why it must be refused.</summary>
    public Problem? Check(HttpContext context)
    {
        if (context.Request.Method == HttpMethods.Connect && !RequestMethod.IsExtendedConnectForWebSocket(context))
        {
            return new Problem(ProblemReason.MethodNotAllowed) { ClosesConnection = true };
        }

        var fault = FindFault(context) ?? Clean(context.Request.Headers);
        return fault is null ? null : new Problem(ProblemReason.BadRequest) { Detail = fault, ClosesConnection = true };
    }

    private static string? FindFault(HttpContext context)
    {
        var request = context.Request;
        return FindFramingFault(request)
            ?? FindHostFault(request)
            ?? (RequestMethod.IsForwardedAsReceived(request.Method) ? null : "a method that differs from a known one by case")
            ?? FindUpgradeFault(context);
    }

    private static string? FindFramingFault(HttpRequest request)
    {
        var transferEncoding = request.Headers.TransferEncoding;
        if (transferEncoding.Count == 0)
        {
            return null;
        }

        // RFC 9113 §8.2.2 forbids it in HTTP/2, where Kestrel lets it through; RFC 9112 §6.1 makes it faulty framing in HTTP/1.0.
        if (!HttpProtocol.IsHttp11(request.Protocol))
        {
            return "Transfer-Encoding outside HTTP/1.1";
        }

        // Kestrel unwraps only the last coding and YARP sends on the body as if there had been no other.
        if (transferEncoding.Count != 1 || !string.Equals(transferEncoding[0], "chunked", StringComparison.OrdinalIgnoreCase))
        {
            return "a Transfer-Encoding other than chunked";
        }

        // RFC 9112 §6.3: likely an attempt at smuggling. Kestrel hides the length under this name; a caller who sends that name
        // himself beside chunked can't be told apart and is refused with it.
        return request.Headers.ContainsKey("X-Content-Length") || request.Headers.ContainsKey(HeaderNames.ContentLength)
            ? "Content-Length with Transfer-Encoding"
            : null;
    }

    /// <summary>
    /// ASP.NET turns punycode into Unicode whenever a host is asked for, as YARP does for each request, and throws where it can't. Names are
    /// read from the header itself, here and elsewhere, so that what is forwarded is what came.
    /// </summary>
    private static string? FindHostFault(HttpRequest request)
    {
        if (!request.Headers.Host.ToString().AsSpan().ContainsAny(PunycodePrefix))
        {
            return null;
        }

        try
        {
            return request.Host.HasValue ? null : "no host";
        }
        catch (ArgumentException)
        {
            return "a host that is no punycode";
        }
    }

    /// <summary>
    /// Only WebSocket may switch protocols: behind any other switch (h2c, SPDY) further requests would pass unjudged. RFC 9110 §7.8
    /// lets a server ignore the wish, so the request stays an ordinary one.
    /// </summary>
    private static string? FindUpgradeFault(HttpContext context)
    {
        var upgrade = context.Request.Headers.Upgrade;
        if (upgrade.Count == 0)
        {
            return null;
        }

        if (upgrade.Count != 1 || !string.Equals(upgrade[0], "websocket", StringComparison.OrdinalIgnoreCase))
        {
            context.Request.Headers.Remove(HeaderNames.Upgrade);
            return null;
        }

        // YARP forwards every WebSocket handshake as GET: another method would be judged as itself and arrive as GET.
        return context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } && context.Request.Method != HttpMethods.Get
            ? "a WebSocket handshake that is not GET"
            : null;
    }

    /// <summary>Removes what the caller may not say; answers with a fault if a header is unfit to be forwarded.</summary>
    private string? Clean(IHeaderDictionary headers)
    {
        List<string>? unwanted = null;
        foreach (var (name, _) in headers)
        {
            if (!HeaderName.IsToken(name))
            {
                return "a header name that is no token";
            }

            var claim = HeaderName.Classify(name);
            if (claim == HeaderClaim.DisguisedFraming)
            {
                return "a disguised framing header";
            }

            var isUnwanted = claim switch
            {
                HeaderClaim.Identity => true,
                HeaderClaim.ForwardedClientCert => !_options.KeepsForwardedClientCert,
                HeaderClaim.Forwarding => _options.RemovesForwarding,
                HeaderClaim.Rewriting => _options.RemovesRewriting,
                _ => false,
            };
            if (isUnwanted)
            {
                (unwanted ??= []).Add(name);
            }
        }

        unwanted?.ForEach(name => headers.Remove(name));
        HopByHopHeaders.RemoveNamedByConnection(headers);
        return null;
    }
}
