using MtlsSidecar.Proxy.Configuration.Constraints;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary><c>Sidecar:Drain</c>: how the sidecar stops. A change needs a restart.</summary>
public sealed class DrainOptions
{
    /// <summary>
    /// Time between turning unready and closing the listeners, so that callers learn of it first. Default zero, to 10 minutes; with one
    /// second or more no request is lost.
    /// </summary>
    [DurationRange("00:00:00", "00:10:00")]
    public TimeSpan Delay { get; init; }

    /// <summary>Time for requests in flight once the listeners are closed; what is left then is cut. Default 25 seconds, to 1 hour.</summary>
    [DurationRange("00:00:00", "01:00:00")]
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromSeconds(25);
}
