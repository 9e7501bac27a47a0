namespace MtlsSidecar.Proxy.Configuration.Rules;

/// <summary>Schemes as they are named in messages.</summary>
internal static class SchemeNames
{
    public static string List(IEnumerable<EndpointScheme> schemes)
        => string.Join(" or ", schemes.Select(scheme => scheme.ToString().ToLowerInvariant() + "://"));
}
