using System.Globalization;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Tunnels;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Telemetry;

/// <summary>Tag values as shared texts, so that counting a request allocates none.</summary>
internal static class MetricTags
{
    private const int FirstStatusCode = 100;
    private const int LastStatusCode = 599;

    private static readonly string[] StatusCodes =
        [.. Enumerable.Range(FirstStatusCode, LastStatusCode - FirstStatusCode + 1).Select(code => code.ToString(CultureInfo.InvariantCulture))];

    private static readonly string[] RejectionReasons = [.. Enum.GetValues<RejectionReason>().Select(reason => reason.ToString())];

    private static readonly string[] TunnelEndReasons = [.. Enum.GetValues<TunnelEndReason>().Select(reason => reason.ToString())];

    /// <summary>A status code; what isn't one (an application can send any three digits) is <c>other</c>.</summary>
    public static string StatusCode(int code)
        => code is >= FirstStatusCode and <= LastStatusCode ? StatusCodes[code - FirstStatusCode] : "other";

    public static string NameOf(RejectionReason reason) => RejectionReasons[(int)reason];

    public static string NameOf(TunnelEndReason reason) => TunnelEndReasons[(int)reason];

    public static string NameOf(AuthorizationAction decision) => decision switch
    {
        AuthorizationAction.Allow => "allow",
        AuthorizationAction.Deny => "deny",
        _ => "audit",
    };
}
