namespace MtlsSidecar.Proxy.Configuration.Rules;

/// <summary>The chosen source of the own identity has what it needs.</summary>
internal sealed class IdentityRule : IConfigurationRule
{
    public void Check(SidecarOptions options, ConfigurationFindings findings)
    {
        var identity = options.Identity;
        if (identity.Source == IdentitySource.Est)
        {
            Require(identity.Est.TokenFile, "Est:TokenFile", findings);
            Require(identity.Est.StateDirectory, "Est:StateDirectory", findings);
            if (identity.Est.Url?.Scheme != Uri.UriSchemeHttps)
            {
                findings.Error("Sidecar:Identity:Est:Url", "an https URL is required when Sidecar:Identity:Source is Est");
            }

            if (options.Trust.TrustDomain is null)
            {
                // There is no certificate to take it from, and the first one is held against it.
                findings.Error("Sidecar:Trust:TrustDomain", "is required when Sidecar:Identity:Source is Est");
            }
        }
        else
        {
            Require(identity.CertificateFile, "CertificateFile", findings);
            Require(identity.KeyFile, "KeyFile", findings);
        }

        void Require(string value, string key, ConfigurationFindings target)
        {
            if (value.Length == 0)
            {
                target.Error($"Sidecar:Identity:{key}", $"is required when Sidecar:Identity:Source is {identity.Source}");
            }
        }
    }
}
