using MtlsSidecar.Proxy.Authorization;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Outbound;
using MtlsSidecar.Proxy.Tunnels;

namespace MtlsSidecar.Proxy.Reloading;

/// <summary>
/// The configuration itself: upstreams, tunnels and policies change without a restart. A change of anything else is refused as a whole, since half a
/// configuration is one that nobody wrote.
/// </summary>
internal sealed class ConfigurationReload(
    ISidecarOptionsSource source,
    SidecarOptions started,
    AuthorizationState authorization,
    (Upstreams Upstreams, TunnelSet Tunnels, ConnectionRegistry Connections) forwarding,
    ConnectionRevalidation revalidation) : IReloadable
{
    private SidecarOptions _current = started;

    /// <inheritdoc/>
    public string What => "configuration";

    /// <inheritdoc/>
    public IEnumerable<string> Files => source.Files;

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ReloadAsync(CancellationToken cancellationToken)
    {
        var result = source.Load();
        var errors = result.Options is { } next ? ReloadRules.Check(_current, next) : result.Errors;
        if (errors.Count > 0 || result.Options is not { } options)
        {
            return Task.FromResult<IReadOnlyList<string>>([.. errors.Select(error => error.ToString())]);
        }

        _current = options;
        authorization.Update(options.Authorization);
        forwarding.Upstreams.Update(options.Outbound?.Upstreams ?? []);
        forwarding.Upstreams.RenewExpectations(forwarding.Connections.All);
        forwarding.Tunnels.Update(options.Tunnels);
        TunnelSet.RenewExpectations(forwarding.Connections.All);
        revalidation.ReviewAll();
        return Task.FromResult<IReadOnlyList<string>>([]);
    }
}
