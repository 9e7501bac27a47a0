using MtlsSidecar.Proxy.Authorization;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Outbound;
using MtlsSidecar.Proxy.Tunnels;
using MtlsSidecar.Trust.Sources;

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
    /// <summary>Its name in logs, metrics and <c>/status</c>.</summary>
    public const string Name = "configuration";

    private SidecarOptions _current = started;

    /// <inheritdoc/>
    public string What => Name;

    /// <inheritdoc/>
    public IEnumerable<string> Files => source.Files;

    /// <inheritdoc/>
    public FileStamps? AsRead => source.AsRead;

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ReloadAsync(CancellationToken cancellationToken)
    {
        var result = source.Load();
        var errors = result.Options is { } next ? ReloadRules.Check(_current, next) : result.Errors;
        if (errors.Count > 0 || result.Options is not { } options)
        {
            return Task.FromResult<IReadOnlyList<string>>([.. errors.Select(error => error.ToString())]);
        }

        // Whatever could still fail comes before the first swap, so that nothing is taken over by half; from there on nothing waits.
        var policies = AuthorizationState.Compile(options.Authorization);
        var upstreams = Upstreams.Prepare(options.Outbound?.Upstreams ?? []);
        authorization.Update(policies);
        forwarding.Upstreams.Update(upstreams);
        forwarding.Tunnels.Update(options.Tunnels);
        _current = options;

        forwarding.Upstreams.RenewExpectations(forwarding.Connections.All);
        TunnelSet.RenewExpectations(forwarding.Connections.All);
        revalidation.ReviewAll();
        return Task.FromResult<IReadOnlyList<string>>([]);
    }
}
