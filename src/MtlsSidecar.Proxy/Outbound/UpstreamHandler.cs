using System.Collections.Frozen;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Forwarding;
using MtlsSidecar.Proxy.Telemetry;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>
/// The handler of one upstream's cluster: hands each request to the pool of the destination that load balancing chose. One pool a
/// destination, because server name, expected identity and retirement are a destination's, not an upstream's.
/// </summary>
internal sealed class UpstreamHandler : HttpMessageHandler
{
    private static readonly FrozenSet<string> IdempotentMethods = FrozenSet.Create(StringComparer.Ordinal, "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");
    private readonly FrozenDictionary<string, DestinationPool> _pools;
    private readonly DestinationPool? _only;

    /// <param name="name">The upstream's name.</param>
    /// <param name="options">Its options, now and as they are at any later moment.</param>
    /// <param name="services">What makes and admits connections, and whether requests are traced.</param>
    public UpstreamHandler(string name, Func<UpstreamOptions> options, (PeerDialer Dialer, OpenTelemetrySettings Telemetry) services)
    {
        _pools = options().Destinations
            .DistinctBy(AuthorityOf)
            .ToFrozenDictionary(AuthorityOf, address => new DestinationPool(name, options, address, services));
        _only = _pools.Count == 1 ? _pools.Values[0] : null;
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
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => _only is not null
        ? _only.SendAsync(request, cancellationToken)
        : SendToAnyAsync(_pools.GetValueOrDefault(request.RequestUri!.Authority) ?? _pools.Values[0], request, cancellationToken);

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

    /// <summary>
    /// Tries the destination that load balancing chose, then the others: a request of which no byte was sent may go anywhere. A peer that was
    /// reached but refused is not passed over.
    /// </summary>
    private async Task<HttpResponseMessage> SendToAnyAsync(DestinationPool chosen, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var candidates = new Queue<DestinationPool>(_pools.Values.OrderBy(pool => pool.IsUnreachable).ThenByDescending(pool => pool == chosen));
        while (true)
        {
            var pool = candidates.Dequeue();
            if (pool != chosen)
            {
                request.RequestUri = ExactTarget.Join(pool.Address, request.RequestUri!.PathAndQuery);
            }

            try
            {
                return await pool.SendAsync(request, cancellationToken);
            }
            catch (Exception exception) when (ForwardingFailures.IsUnreachable(exception) && !cancellationToken.IsCancellationRequested)
            {
                pool.NoteUnreachable();
                if (candidates.Count == 0 || !IsUnsent(request))
                {
                    throw;
                }
            }
        }
    }

    /// <summary>
    /// Whether the request can't have been carried out already. .NET's client by itself sends a request without a body once more when a kept
    /// connection closes before the first byte of an answer; if that one then finds nobody, the first may have been carried out. A request
    /// with a body is not sent again by it, and one with an idempotent method may be carried out twice (RFC 9110 §9.2.2).
    /// </summary>
    private static bool IsUnsent(HttpRequestMessage request)
        => request.Content is not null || IdempotentMethods.Contains(request.Method.Method);

    private static string AuthorityOf(EndpointAddress address) => new Uri(address.ToString()).Authority;
}
