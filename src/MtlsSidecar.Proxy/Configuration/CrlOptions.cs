using MtlsSidecar.Proxy.Configuration.Constraints;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary><c>Sidecar:Validation:Crl</c>: where CRLs come from and how long they count.</summary>
public sealed class CrlOptions
{
    /// <summary>PEM or DER files, several CRLs in a file allowed; watched. Default none.</summary>
    public List<string> Files { get; init; } = [];

    /// <summary>Addresses that are polled, http or https. Default none.</summary>
    public List<Uri> Urls { get; init; } = [];

    /// <summary>Whether the distribution points of certificates whose path holds are followed. Default true.</summary>
    public bool UseDistributionPoints { get; init; } = true;

    /// <summary>Hosts that CRLs and OCSP answers named by certificates may be fetched from. Default empty: any that the guards allow.</summary>
    public List<string> AllowedHosts { get; init; } = [];

    /// <summary>Time between two polls; a CRL is also fetched ahead of its nextUpdate. Default 5 minutes, 1 second to 1 day.</summary>
    [DurationRange("00:00:01", "1.00:00:00")]
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long past its nextUpdate a CRL still counts. Default and safe value zero, to 30 days.</summary>
    [DurationRange("00:00:00", "30.00:00:00")]
    public TimeSpan MaxStaleness { get; init; }

    /// <summary>Whether a CRL that becomes stale also closes live connections it covers. Default false: it refuses new ones only.</summary>
    public bool StaleCutsConnections { get; init; }

    /// <summary>Directory that keeps fetched CRLs over a restart. Default empty: none are kept.</summary>
    public string CacheDirectory { get; init; } = "";
}
