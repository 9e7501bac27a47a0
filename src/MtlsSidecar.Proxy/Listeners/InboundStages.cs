using System.Net.Security;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>Makes the stages that every inbound mutual TLS connection goes through: observe → TLS → admit.</summary>
internal sealed class InboundStages(
    ISvidSource svid,
    PeerValidator validator,
    ConnectionRegistry registry,
    RefusalRecorder refusals,
    (SidecarMetrics Metrics, TimeProvider TimeProvider, ILoggerFactory Loggers) services)
{
    /// <summary>The outermost stage.</summary>
    public HandshakeObserver Observe(SidecarListener listener, InboundOptions options)
        => new(listener, options, (refusals, services.Metrics, services.TimeProvider, services.Loggers.CreateLogger<HandshakeObserver>()));

    /// <summary>The TLS stage.</summary>
    public InboundTls Tls(IReadOnlyList<SslApplicationProtocol> applicationProtocols) => new(svid, applicationProtocols);

    /// <summary>The stage that validates the peer.</summary>
    public PeerAdmission Admit(SidecarListener listener, InboundOptions options)
        => new(listener, options, validator, registry, (refusals, services.Metrics, services.TimeProvider, services.Loggers.CreateLogger<PeerAdmission>()));
}
