using System.Net.Security;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>Makes the stages that every inbound mutual TLS connection goes through, HTTP or tunnel: account → TLS → gate.</summary>
internal sealed class InboundStages(
    ISvidSource svid,
    PeerValidator validator,
    ConnectionRegistry registry,
    RefusalRecorder refusals,
    (SidecarMetrics Metrics, TimeProvider TimeProvider, ILoggerFactory Loggers) services)
{
    /// <summary>The account of a listener's connections.</summary>
    public HandshakeLedger Ledger(SidecarListener listener, Func<InboundLimits> limits)
        => new(listener, limits, (refusals, services.Metrics, services.TimeProvider, services.Loggers.CreateLogger<HandshakeLedger>()));

    /// <summary>The TLS stage.</summary>
    public InboundTls Tls(IReadOnlyList<SslApplicationProtocol> applicationProtocols) => new(svid, applicationProtocols);

    /// <summary>What validates the peer and registers its connection.</summary>
    public PeerGate Gate(SidecarListener listener, Func<InboundLimits> limits, HandshakeLedger ledger) => new(
        listener, limits, ledger, validator, registry, (refusals, services.Metrics, services.TimeProvider, services.Loggers.CreateLogger<PeerGate>()));

    /// <summary>The outermost stage of an HTTP connection and the one that validates the peer, which share its account.</summary>
    public (HandshakeObserver Observer, PeerAdmission Admission) ForHttp(SidecarListener listener, InboundOptions options)
    {
        var limits = InboundLimits.Of(options);
        var ledger = Ledger(listener, () => limits);
        return (
            new HandshakeObserver(ledger, options.AcceptProxyProtocolFrom, options.HandshakeTimeout, services.TimeProvider),
            new PeerAdmission(listener, Gate(listener, () => limits, ledger), registry, services.TimeProvider));
    }
}
