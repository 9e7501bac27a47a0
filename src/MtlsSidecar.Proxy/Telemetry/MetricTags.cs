using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Tunnels;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Telemetry;

/// <summary>Tag values as shared texts, so that counting a request allocates none.</summary>
internal static class MetricTags
{
    private static readonly string[] RejectionReasons = [.. Enum.GetValues<RejectionReason>().Select(reason => reason.ToString())];

    private static readonly string[] TunnelEndReasons = [.. Enum.GetValues<TunnelEndReason>().Select(reason => reason.ToString())];

    /// <summary>The tag that tells who opened the connection.</summary>
    public static KeyValuePair<string, object?> Direction(ConnectionDirection direction)
        => new("direction", direction == ConnectionDirection.Inbound ? "inbound" : "outbound");

    public static string NameOf(RejectionReason reason) => RejectionReasons[(int)reason];

    public static string NameOf(TunnelEndReason reason) => TunnelEndReasons[(int)reason];

    public static string NameOf(AuthorizationAction decision) => decision switch
    {
        AuthorizationAction.Allow => "allow",
        AuthorizationAction.Deny => "deny",
        _ => "audit",
    };
}
