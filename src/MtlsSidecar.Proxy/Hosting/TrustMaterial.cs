using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Sources.Est;

namespace MtlsSidecar.Proxy.Hosting;

/// <summary>What the configuration's files hold: own identity and trust bundles, read and proved to fit before anything starts.</summary>
public sealed class TrustMaterial
{
    private TrustMaterial(ISvidSource svid, FileTrustBundleSource bundles) => (Svid, Bundles) = (svid, bundles);

    /// <summary>The own identity.</summary>
    public ISvidSource Svid { get; }

    /// <summary>The trust bundles.</summary>
    public FileTrustBundleSource Bundles { get; }

    /// <inheritdoc cref="Open(SidecarOptions, ICollection{ConfigurationError}, out KnownIssuers?)"/>
    public static TrustMaterial? Open(SidecarOptions options, ICollection<ConfigurationError> errors) => Open(options, errors, out _);

    /// <summary>Opens everything and reports every error at once with the key of its file.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="errors">Takes the errors.</param>
    /// <param name="known">The authorities in it, as far as it could be read; null without a readable bundle.</param>
    /// <returns>The material; null when there is an error.</returns>
    public static TrustMaterial? Open(SidecarOptions options, ICollection<ConfigurationError> errors, out KnownIssuers? known)
    {
        ISvidSource? svid = options.Identity.Source == IdentitySource.Est ? OpenEnrolled(options, errors) : OpenFiles(options.Identity, errors);
        var trustDomain = options.Trust.TrustDomain ?? svid?.Current?.SpiffeId?.TrustDomain;
        if (svid is not null && trustDomain is null)
        {
            errors.Add(new ConfigurationError("Sidecar:Trust:TrustDomain", "is required, because the own certificate has no SPIFFE ID to take it from"));
        }

        var bundles = OpenBundles(options.Trust, trustDomain, errors);
        known = bundles is null ? null : KnownIssuers.Of(bundles.Current.Bundles, svid?.Current);
        FindMissingCrls(options.Validation.Crl.Files, errors);
        return svid is not null && bundles is not null && errors.Count == 0 ? new TrustMaterial(svid, bundles) : null;
    }

    private static FileSvidSource? OpenFiles(IdentityOptions identity, ICollection<ConfigurationError> errors)
    {
        if (identity.CertificateFile.Length == 0 || identity.KeyFile.Length == 0)
        {
            // Reported as missing keys already.
            return null;
        }

        try
        {
            return FileSvidSource.Open(identity.CertificateFile, identity.KeyFile);
        }
        catch (TrustMaterialException exception)
        {
            var key = exception is PrivateKeyException ? nameof(identity.KeyFile) : nameof(identity.CertificateFile);
            errors.Add(new ConfigurationError($"Sidecar:Identity:{key}", exception.Message));
            return null;
        }
    }

    /// <summary>
    /// The identity of an earlier run, or none yet: then there must be a token to start with. A token isn't looked at otherwise: it has served.
    /// </summary>
    private static EstSvidSource? OpenEnrolled(SidecarOptions options, ICollection<ConfigurationError> errors)
    {
        var est = options.Identity.Est;
        if (est.StateDirectory.Length == 0 || est.TokenFile.Length == 0)
        {
            // Reported as missing keys already.
            return null;
        }

        var key = $"Sidecar:Identity:Est:{nameof(est.StateDirectory)}";
        try
        {
            var svid = EstSvidSource.Open(new EstState(est.StateDirectory));
            if (svid.Current is { } current && options.Trust.TrustDomain is { } own && current.SpiffeId?.TrustDomain != own)
            {
                errors.Add(new ConfigurationError(key, $"holds the identity {current.SpiffeId}, which is not of {own}; name another directory, or empty it"));
                return null;
            }

            key = $"Sidecar:Identity:Est:{nameof(est.TokenFile)}";
            if (svid.Current is null)
            {
                EnrolmentToken.Read(est.TokenFile);
            }

            return svid;
        }
        catch (TrustMaterialException exception)
        {
            errors.Add(new ConfigurationError(key, exception.Message));
            return null;
        }
    }

    private static FileTrustBundleSource? OpenBundles(TrustOptions trust, TrustDomain? trustDomain, ICollection<ConfigurationError> errors)
    {
        var federated = new Dictionary<TrustDomain, string>();
        foreach (var (name, bundle) in trust.Federated)
        {
            if (TrustDomain.TryParse(name, out var domain) && CanRead(bundle.BundleFile, $"Sidecar:Trust:Federated:{name}:BundleFile", errors))
            {
                federated[domain] = bundle.BundleFile;
            }
        }

        return CanRead(trust.BundleFile, "Sidecar:Trust:BundleFile", errors) ? FileTrustBundleSource.Open(trustDomain, trust.BundleFile, federated) : null;
    }

    /// <summary>Reads a bundle for the sake of its errors; those of an empty name are reported already.</summary>
    private static bool CanRead(string file, string key, ICollection<ConfigurationError> errors)
    {
        if (file.Length == 0)
        {
            return false;
        }

        try
        {
            FileTrustBundleSource.Open(null, file, new Dictionary<TrustDomain, string>());
            return true;
        }
        catch (TrustMaterialException exception)
        {
            errors.Add(new ConfigurationError(key, exception.Message));
            return false;
        }
    }

    /// <summary>A CRL that is there but can't be read is no reason not to start; one that isn't there is a mistake in the configuration.</summary>
    private static void FindMissingCrls(List<string> files, ICollection<ConfigurationError> errors)
    {
        for (var i = 0; i < files.Count; i++)
        {
            if (!File.Exists(files[i]))
            {
                errors.Add(new ConfigurationError($"Sidecar:Validation:Crl:Files:{i}", $"{files[i]} does not exist"));
            }
        }
    }
}
