using MtlsSidecar.Proxy.Forwarding;
using MtlsSidecar.Proxy.Telemetry;
using Yarp.ReverseProxy.Forwarder;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>Gives YARP the mutual TLS client of a cluster, the same one as before unless destinations or expected identities changed.</summary>
internal sealed class PeerHttpClientFactory(Upstreams upstreams, PeerDialer dialer, OpenTelemetrySettings telemetry) : IForwarderHttpClientFactory
{
    /// <inheritdoc/>
    public HttpMessageInvoker CreateClient(ForwarderHttpClientContext context)
    {
        var isUnchanged = context.OldClient is not null
            && context.OldMetadata?.GetValueOrDefault(UpstreamClusters.Revision) == context.NewMetadata?.GetValueOrDefault(UpstreamClusters.Revision);
        return isUnchanged ? context.OldClient! : new HttpMessageInvoker(new ExchangeHandler(upstreams.CreateHandler(context.ClusterId, (dialer, telemetry))));
    }
}
