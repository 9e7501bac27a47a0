using Microsoft.AspNetCore.Http.Features;

namespace MtlsSidecar.Proxy.Http;

/// <summary>
/// Finds features by their type, for what every request looks up: the collection's own generic method is virtual, and a program compiled ahead
/// of time looks such a method up for each call.
/// </summary>
internal static class FeatureLookup
{
    /// <summary>The feature, or null.</summary>
    public static TFeature? Find<TFeature>(this IFeatureCollection features)
        where TFeature : class => (TFeature?)features[typeof(TFeature)];
}
