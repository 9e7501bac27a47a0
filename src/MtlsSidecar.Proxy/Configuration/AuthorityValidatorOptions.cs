using MtlsSidecar.Proxy.Configuration.Constraints;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary><c>Sidecar:Validation:Authority</c>: the certification authority decides too. It adds to the local checks and fails closed.</summary>
public sealed class AuthorityValidatorOptions
{
    /// <summary>The validation endpoint's base address, https. Required when <c>Validators</c> names <c>Authority</c>.</summary>
    public Uri? Url { get; init; }

    /// <summary>Who the authority must be. Default: the host name of <see cref="Url"/>.</summary>
    public List<IdentityPattern> PeerIdentities { get; init; } = [];

    /// <summary>Time for one answer. Default 2 seconds, 0.1 to 30 seconds.</summary>
    [DurationRange("00:00:00.1", "00:00:30")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an answer counts at most; then live peers are asked about again. Default 1 minute, zero to 1 day.</summary>
    [DurationRange("00:00:00", "1.00:00:00")]
    public TimeSpan CacheDuration { get; init; } = TimeSpan.FromMinutes(1);
}
