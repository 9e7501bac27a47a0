using MtlsSidecar.Proxy.Configuration.Reading;

namespace MtlsSidecar.Proxy.Configuration.Rules;

/// <summary>Upstreams are named by a host that a caller can write, and balanced by a policy that exists.</summary>
internal sealed class UpstreamRule : IConfigurationRule
{
    private static readonly string[] LoadBalancingPolicies =
        ["PowerOfTwoChoices", "RoundRobin", "LeastRequests", "Random", "FirstAlphabetical"];

    public void Check(SidecarOptions options, ConfigurationFindings findings)
    {
        foreach (var name in options.Outbound?.Upstreams.Keys ?? Enumerable.Empty<string>())
        {
            // A number alone reads as a list index in an environment variable, and as an IPv4 address in a URL.
            if (Uri.CheckHostName(name) != UriHostNameType.Dns || name.EndsWith('.') || name.All(char.IsAsciiDigit))
            {
                findings.Error(
                    $"Sidecar:Outbound:Upstreams:{name}",
                    $"{Quoted.Text(name)} is not a host name such as users or users.internal, by which the application calls the upstream");
            }
        }

        foreach (var (key, upstream) in ConfiguredAddress.Upstreams(options))
        {
            if (!LoadBalancingPolicies.Contains(upstream.LoadBalancing, StringComparer.OrdinalIgnoreCase))
            {
                findings.Error(
                    $"{key}:LoadBalancing",
                    $"{Quoted.Text(upstream.LoadBalancing)} is unknown; legal are {string.Join(", ", LoadBalancingPolicies)}");
            }
        }
    }
}
