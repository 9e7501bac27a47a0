using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Http;

/// <summary>
/// Why the sidecar itself, and not the application, answers with an error. The set is closed: the names are what callers may rely on,
/// and none of them says more about policies, certificates or the network than the caller may know.
/// </summary>
internal sealed class ProblemReason
{
    private ProblemReason(int status, string name)
    {
        Status = status;
        Name = name;
        Title = ReasonPhrases.GetReasonPhrase(status);
        Body = Encoding.UTF8.GetBytes(Format(extension: ""));
    }

    /// <summary>No policy allows the request, or one denies it.</summary>
    public static ProblemReason Denied { get; } = new(StatusCodes.Status403Forbidden, "denied");

    /// <summary>No upstream has the host that the local application asked for.</summary>
    public static ProblemReason UnknownUpstream { get; } = new(StatusCodes.Status404NotFound, "unknown_upstream");

    /// <summary>The request target has a spelling that is not forwarded.</summary>
    public static ProblemReason BadTarget { get; } = new(StatusCodes.Status400BadRequest, "bad_target");

    /// <summary>The request's framing or headers are malformed or ambiguous.</summary>
    public static ProblemReason BadRequest { get; } = new(StatusCodes.Status400BadRequest, "bad_request");

    /// <summary><c>CONNECT</c>, which would turn the sidecar into an open tunnel.</summary>
    public static ProblemReason MethodNotAllowed { get; } = new(StatusCodes.Status405MethodNotAllowed, "method_not_allowed");

    /// <summary>No connection to any destination of the upstream.</summary>
    public static ProblemReason UpstreamUnreachable { get; } = new(StatusCodes.Status502BadGateway, "upstream_unreachable");

    /// <summary>The upstream's certificate was refused; the answer names the <c>rejectionReason</c>.</summary>
    public static ProblemReason UpstreamCertificateRejected { get; } = new(StatusCodes.Status502BadGateway, "upstream_certificate_rejected");

    /// <summary>The upstream broke the connection off.</summary>
    public static ProblemReason UpstreamReset { get; } = new(StatusCodes.Status502BadGateway, "upstream_reset");

    /// <summary>Every destination of the upstream is out of rotation.</summary>
    public static ProblemReason NoHealthyDestination { get; } = new(StatusCodes.Status503ServiceUnavailable, "no_healthy_destination");

    /// <summary>The sidecar has no certificate yet with which to call anybody.</summary>
    public static ProblemReason NoIdentity { get; } = new(StatusCodes.Status503ServiceUnavailable, "no_identity");

    /// <summary>The upstream did not answer in time.</summary>
    public static ProblemReason UpstreamTimeout { get; } = new(StatusCodes.Status504GatewayTimeout, "upstream_timeout");

    /// <summary>The local application does not accept connections.</summary>
    public static ProblemReason ApplicationUnreachable { get; } = new(StatusCodes.Status503ServiceUnavailable, "application_unreachable");

    /// <summary>The local application broke the connection off.</summary>
    public static ProblemReason ApplicationReset { get; } = new(StatusCodes.Status502BadGateway, "application_reset");

    /// <summary>The local application did not answer in time.</summary>
    public static ProblemReason ApplicationTimeout { get; } = new(StatusCodes.Status504GatewayTimeout, "application_timeout");

    /// <summary>
    /// The peer is no longer acceptable and its connection is being closed: the request is cut, never answered. For log and metrics only, under
    /// the number of exchanges that end without an answer.
    /// </summary>
    public static ProblemReason ConnectionClosing { get; } = new(StatusCodes.Status499ClientClosedRequest, "connection_closing");

    /// <summary>The sidecar is shutting down.</summary>
    public static ProblemReason Draining { get; } = new(StatusCodes.Status503ServiceUnavailable, "draining");

    /// <summary>The name in the answer's <c>reason</c>, in logs and in metrics.</summary>
    public string Name { get; }

    /// <summary>The HTTP status code.</summary>
    public int Status { get; }

    /// <summary>The status code's phrase, as RFC 9457 §4.2.1 asks of <c>about:blank</c>.</summary>
    public string Title { get; }

    /// <summary>The whole answer, ready made: a refusal under attack costs no formatting.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>The answer with the reason why an upstream's certificate was refused.</summary>
    public ReadOnlyMemory<byte> BodyWith(RejectionReason rejection) => Encoding.UTF8.GetBytes(Format($",\"rejectionReason\":\"{rejection}\""));

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    // Every part is a constant of ours or the name of an enum's value: there is nothing to escape.
    private string Format(string extension)
        => $$"""{"type":"about:blank","title":"{{Title}}","status":{{Status}},"reason":"{{Name}}"{{extension}}}""";
}
