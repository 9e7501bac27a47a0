using System.Collections;
using System.Net;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Proxy.Configuration.Reading;

/// <summary>
/// Makes the empty lists and dictionaries that option types declare. Each is named here, because a program compiled ahead of time holds the
/// constructors that its code calls, and no others.
/// </summary>
internal static class OptionCollections
{
    private static readonly Dictionary<Type, Func<object>> Makers = new()
    {
        [typeof(List<string>)] = static () => new List<string>(),
        [typeof(List<Uri>)] = static () => new List<Uri>(),
        [typeof(List<IPNetwork>)] = static () => new List<IPNetwork>(),
        [typeof(List<EndpointAddress>)] = static () => new List<EndpointAddress>(),
        [typeof(List<IdentityPattern>)] = static () => new List<IdentityPattern>(),
        [typeof(List<AuthorizationPolicyOptions>)] = static () => new List<AuthorizationPolicyOptions>(),
        [typeof(List<AuthorizationRuleOptions>)] = static () => new List<AuthorizationRuleOptions>(),
        [typeof(List<RuleOperationOptions>)] = static () => new List<RuleOperationOptions>(),
        [typeof(List<RuleSourceOptions>)] = static () => new List<RuleSourceOptions>(),
        [typeof(Dictionary<string, FederatedBundleOptions>)] = NamesOf<FederatedBundleOptions>,
        [typeof(Dictionary<string, TunnelOptions>)] = NamesOf<TunnelOptions>,
        [typeof(Dictionary<string, UpstreamOptions>)] = NamesOf<UpstreamOptions>,
    };

    public static IList List(Type type) => (IList)Makers[type]();

    public static IDictionary Dictionary(Type type) => (IDictionary)Makers[type]();

    /// <summary>Configuration keys have no case.</summary>
    private static Dictionary<string, T> NamesOf<T>() => new(StringComparer.OrdinalIgnoreCase);
}
