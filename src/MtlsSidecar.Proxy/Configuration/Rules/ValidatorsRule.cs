using MtlsSidecar.Proxy.Configuration.Reading;

namespace MtlsSidecar.Proxy.Configuration.Rules;

/// <summary>Validators exist, are named once, and have what they need.</summary>
internal sealed class ValidatorsRule(IReadOnlyCollection<string> registered) : IConfigurationRule
{
    private const string Local = "Local";
    private const string Authority = "Authority";

    public void Check(SidecarOptions options, ConfigurationFindings findings)
    {
        var known = registered.Prepend(Authority).Prepend(Local).Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var validation = options.Validation;
        for (var index = 0; index < validation.Validators.Count; index++)
        {
            var name = validation.Validators[index];
            var key = $"Sidecar:Validation:Validators:{index}";
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                findings.Error(key, $"unknown validator {Quoted.Text(name)}" + KeySuggestion.For(name, known));
            }
            else if (!seen.Add(name))
            {
                findings.Error(key, $"{name} is named twice");
            }
        }

        if (seen.Contains(Authority))
        {
            if (validation.Authority.Url?.Scheme != Uri.UriSchemeHttps)
            {
                findings.Error("Sidecar:Validation:Authority:Url", "an https URL is required when Sidecar:Validation:Validators names Authority");
            }
        }
        else if (validation.Authority.Url is not null)
        {
            findings.Warn("Sidecar:Validation:Authority:Url", "is set, but Sidecar:Validation:Validators doesn't name Authority: it is not asked");
        }
    }
}
