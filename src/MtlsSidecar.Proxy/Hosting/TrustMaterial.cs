using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Proxy.Hosting;

/// <summary>What the configuration's files hold: own identity and trust bundles, read and proved to fit before anything starts.</summary>
public sealed class TrustMaterial
{
    private TrustMaterial(FileSvidSource svid, FileTrustBundleSource bundles) => (Svid, Bundles) = (svid, bundles);

    /// <summary>The own identity.</summary>
    public FileSvidSource Svid { get; }

    /// <summary>The trust bundles.</summary>
    public FileTrustBundleSource Bundles { get; }

    /// <summary>Opens everything and reports every error at once with the key of its file.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="errors">Takes the errors.</param>
    /// <returns>The material; null when there is an error.</returns>
    public static TrustMaterial? Open(SidecarOptions options, ICollection<ConfigurationError> errors)
    {
        var svid = Try("Sidecar:Identity:CertificateFile", errors, () => FileSvidSource.Open(options.Identity.CertificateFile, options.Identity.KeyFile));
        var trustDomain = options.Trust.TrustDomain ?? svid?.Current.SpiffeId?.TrustDomain;
        if (svid is not null && trustDomain is null)
        {
            errors.Add(new ConfigurationError("Sidecar:Trust:TrustDomain", "is required, because the own certificate has no SPIFFE ID to take it from"));
        }

        var federated = options.Trust.Federated.ToDictionary(pair => TrustDomain.Parse(pair.Key), pair => pair.Value.BundleFile);
        var bundles = Try("Sidecar:Trust:BundleFile", errors, () => FileTrustBundleSource.Open(trustDomain, options.Trust.BundleFile, federated));
        foreach (var missing in options.Validation.Crl.Files.Where(file => !File.Exists(file)))
        {
            errors.Add(new ConfigurationError("Sidecar:Validation:Crl:Files", $"{missing} does not exist"));
        }

        return svid is not null && bundles is not null && errors.Count == 0 ? new TrustMaterial(svid, bundles) : null;
    }

    private static T? Try<T>(string key, ICollection<ConfigurationError> errors, Func<T> open)
        where T : class
    {
        try
        {
            return open();
        }
        catch (TrustMaterialException exception)
        {
            errors.Add(new ConfigurationError(key, exception.Message));
            return null;
        }
    }
}
