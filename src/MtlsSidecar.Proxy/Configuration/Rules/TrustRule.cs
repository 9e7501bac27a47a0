using MtlsSidecar.Proxy.Configuration.Reading;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Proxy.Configuration.Rules;

/// <summary>Every trust domain has a bundle of its own, and none has two.</summary>
internal sealed class TrustRule : IConfigurationRule
{
    public void Check(SidecarOptions options, ConfigurationFindings findings)
    {
        if (options.Trust.BundleFile is "")
        {
            findings.Error("Sidecar:Trust:BundleFile", "is required");
        }

        foreach (var (name, federated) in options.Trust.Federated)
        {
            var key = $"Sidecar:Trust:Federated:{name}";
            if (!TrustDomain.TryParse(name, out var domain))
            {
                findings.Error(key, $"{Quoted.Text(name)} is not a trust domain name: lower-case letters, digits, dot, dash and underscore");
            }
            else if (domain == options.Trust.TrustDomain)
            {
                // Two bundles for one domain would let the weaker one vouch for the own workloads.
                findings.Error(key, "is the own trust domain; its anchors belong into Sidecar:Trust:BundleFile");
            }

            if (federated.BundleFile is "")
            {
                findings.Error($"{key}:BundleFile", "is required");
            }
        }
    }
}
