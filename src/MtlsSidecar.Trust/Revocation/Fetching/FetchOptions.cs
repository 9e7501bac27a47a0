using System.Net;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Revocation.Fetching;

/// <summary>Where CRLs and OCSP responses may be fetched from.</summary>
public sealed record FetchOptions
{
    /// <summary>Hosts that may be asked, by exact name or address; empty means any. Applies to every URL, configured or found in a certificate.</summary>
    public IReadOnlyCollection<string> AllowedHosts { get; init; } = [];

    /// <summary>Where this process itself listens: never asked, as that would let a peer make the sidecar talk to itself.</summary>
    public Func<IReadOnlyCollection<IPEndPoint>> OwnListeners { get; init; } = static () => [];

    /// <summary>
    /// Where the applications behind this process listen: not asked for a URL out of a certificate, as that would let its authority send
    /// requests past the policies that guard them. Their other services on this machine may be asked: CRL servers stand there.
    /// </summary>
    public Func<IReadOnlyCollection<IPEndPoint>> GuardedApplications { get; init; } = static () => [];

    /// <summary>Anchors that vouch for https servers beside those of the system.</summary>
    public Func<IReadOnlyList<ParsedCertificate>> AdditionalRoots { get; init; } = static () => [];

    /// <summary>How long one request may take in all. Default 30 s: a large CRL over a slow line.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
