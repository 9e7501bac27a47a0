using MtlsSidecar.Proxy.Configuration.Constraints;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Ocsp;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary><c>Sidecar:Validation:Ocsp</c>: online certificate status (RFC 6960).</summary>
public sealed class OcspOptions
{
    /// <summary>Whether responders are asked. Default false.</summary>
    public bool Enabled { get; init; }

    /// <summary>The responder for every certificate, http or https. Default: the one that each certificate names, http only.</summary>
    public Uri? Url { get; init; }

    /// <summary>Time for one answer. Default 2 seconds, 0.1 to 30 seconds.</summary>
    [DurationRange("00:00:00.1", "00:00:30")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Whether responders or CRLs are asked first; the other is the fallback. What a CRL in memory revokes is revoked in either order. Default
    /// and safe value <see cref="RevocationOrder.OcspFirst"/>.
    /// </summary>
    public RevocationOrder Order { get; init; } = RevocationOrder.OcspFirst;

    /// <summary>
    /// Time between two requests about a certificate in use; also asked ahead of nextUpdate. By this a revocation reaches live connections.
    /// Default 5 minutes, 1 second to 1 day.
    /// </summary>
    [DurationRange("00:00:01", "1.00:00:00")]
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How a request is sent. Default <see cref="OcspMethod.Post"/>; GET lets HTTP caches answer.</summary>
    public OcspMethod Method { get; init; } = OcspMethod.Post;

    /// <summary>Whether the answer must repeat a nonce, which only responders that sign on demand can. Default false.</summary>
    public bool Nonce { get; init; }
}
