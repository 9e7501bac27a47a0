using Microsoft.Extensions.Configuration;
using MtlsSidecar.Proxy.Configuration.Reading;
using MtlsSidecar.Proxy.Configuration.Rules;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary>
/// Reads the <c>Sidecar</c> section. Whatever isn't understood is an error, never a default: a misspelt restriction must not start as no
/// restriction. Reports everything at once.
/// </summary>
public static class SidecarOptionsReader
{
    /// <summary>Reads and checks the options; touches no file that they name.</summary>
    /// <param name="configuration">The root that holds the <c>Sidecar</c> section.</param>
    /// <param name="registeredValidators">Names of validators that the host added to the built-in ones.</param>
    public static SidecarOptionsResult Read(IConfiguration configuration, IReadOnlyCollection<string> registeredValidators)
    {
        var findings = new ConfigurationFindings();
        var reader = new SectionReader(findings);
        var options = (SidecarOptions)reader.Read(configuration.GetSection(SidecarOptions.SectionName), typeof(SidecarOptions));
        foreach (var rule in ConfigurationRules.All(registeredValidators))
        {
            rule.Check(options, findings);
        }

        return new SidecarOptionsResult(findings.Errors.Count == 0 ? options : null, findings.Errors, findings.Warnings) { Draft = options };
    }
}
