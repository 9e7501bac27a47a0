namespace MtlsSidecar.Proxy.Configuration.Rules;

/// <summary>Every rule, in the order of the configuration reference.</summary>
internal static class ConfigurationRules
{
    public static IReadOnlyList<IConfigurationRule> All(IReadOnlyCollection<string> registeredValidators) =>
    [
        new NameRule(),
        new IdentityRule(),
        new TrustRule(),
        new ValidatorsRule(registeredValidators),
        new RevocationRule(),
        new ListenerRule(),
        new ListenerClashRule(),
        new LoopbackRule(),
        new DestinationRule(),
        new OwnListenerRule(),
        new UpstreamRule(),
        new TunnelRule(),
        new PolicyRule(),
    ];
}
