using System.Collections.Frozen;
using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>
/// The handler of one upstream's cluster: hands each request to the pool of the destination that load balancing chose. One pool a
/// destination, because server name, expected identity and retirement are a destination's, not an upstream's.
/// </summary>
internal sealed class UpstreamHandler : HttpMessageHandler
{
    private readonly FrozenDictionary<string, DestinationPool> _pools;

    /// <param name="name">The upstream's name.</param>
    /// <param name="options">Its options.</param>
    /// <param name="dialer">Makes and admits connections.</param>
    public UpstreamHandler(string name, UpstreamOptions options, PeerDialer dialer)
    {
        _pools = options.Destinations
            .DistinctBy(AuthorityOf)
            .ToFrozenDictionary(AuthorityOf, address => new DestinationPool(name, options, address, dialer));
    }

    /// <summary>Lets no new request use any connection of now, after our own certificate was rotated.</summary>
    public void RetireAll()
    {
        foreach (var pool in _pools.Values)
        {
            pool.Retire();
        }
    }

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        => _pools[request.RequestUri!.Authority].SendAsync(request, cancellationToken);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var pool in _pools.Values)
            {
                pool.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private static string AuthorityOf(EndpointAddress address) => new Uri(address.ToString()).Authority;
}
