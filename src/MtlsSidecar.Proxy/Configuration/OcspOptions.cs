using MtlsSidecar.Proxy.Configuration.Constraints;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary><c>Sidecar:Validation:Ocsp</c>: online certificate status (RFC 6960).</summary>
public sealed class OcspOptions
{
    /// <summary>Whether responders are asked. Default false.</summary>
    public bool Enabled { get; init; }

    /// <summary>The responder for every certificate, http or https. Default: the one that each certificate names.</summary>
    public Uri? Url { get; init; }

    /// <summary>Time for one answer. Default 2 seconds, 0.1 to 30 seconds.</summary>
    [DurationRange("00:00:00.1", "00:00:30")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);
}
