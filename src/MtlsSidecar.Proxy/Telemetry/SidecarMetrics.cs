using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Telemetry;

internal sealed class SidecarMetrics
{
    public void HandshakeAccepted(ConnectionDirection direction, TimeSpan duration) => _ = (this, direction, duration);
    public void HandshakeRefused(ConnectionDirection direction, RejectionReason reason) => _ = (this, direction, reason);
    public void HandshakeFailed(ConnectionDirection direction, string reason) => _ = (this, direction, reason);
    public void ConnectionClosed(ConnectionDirection direction, string reason) => _ = (this, direction, reason);
    public void RequestAnswered(ConnectionDirection direction, int status, TimeSpan duration) => _ = (this, direction, status, duration);
    public void Reloaded(string what, bool isGood) => _ = (this, what, isGood);
}
