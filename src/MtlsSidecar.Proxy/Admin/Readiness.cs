using MtlsSidecar.Proxy.Draining;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Proxy.Admin;

/// <summary>Whether peers can be served: identity and trust loaded and unexpired, listeners bound, not draining.</summary>
internal sealed class Readiness(ISvidSource svid, ITrustBundleSource trust, ListenerDirectory listeners, DrainState drain, TimeProvider timeProvider)
{
    /// <summary>What keeps this sidecar from being ready; empty when it is.</summary>
    public IReadOnlyList<string> Reasons() => [.. StartupReasons(), .. LaterReasons()];

    /// <summary>What keeps it from having started.</summary>
    public IReadOnlyList<string> StartupReasons() => listeners.AllBound ? [] : ["listeners are not bound"];

    private IEnumerable<string> LaterReasons()
    {
        var now = timeProvider.GetUtcNow();
        var certificate = svid.Current?.Certificate;
        if (drain.IsDraining)
        {
            yield return "draining";
        }

        if (certificate is null)
        {
            yield return "no own certificate yet";
        }
        else if (now > certificate.NotAfter)
        {
            yield return $"own certificate expired at {certificate.NotAfter:O}";
        }
        else if (now < certificate.NotBefore)
        {
            yield return $"own certificate is not valid before {certificate.NotBefore:O}";
        }

        if (trust.Current.Bundles.Own.Anchors.All(anchor => now > anchor.NotAfter))
        {
            yield return "all trust anchors have expired";
        }
    }
}
