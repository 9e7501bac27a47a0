using System.Net;

namespace MtlsSidecar.Authority.Hosting;

/// <summary>How the server runs.</summary>
internal sealed record ServeOptions
{
    /// <summary>Where EST and validation listen, over TLS.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>Where CRLs, certificates and OCSP are published, over plain HTTP.</summary>
    public required IPEndPoint Publish { get; init; }

    /// <summary>Where metrics and probes are.</summary>
    public required IPEndPoint Admin { get; init; }

    /// <summary>Further DNS names and addresses of the server's certificate.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>How long an enrolled workload's certificate is valid. Default a day.</summary>
    public TimeSpan CertificateLifetime { get; init; } = Issuing.Issuance.DefaultLifetime;

    /// <summary>How long an OCSP answer holds. Default an hour.</summary>
    public TimeSpan OcspValidity { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many OCSP answers are kept in memory. Default 100,000.</summary>
    public int OcspCacheCapacity { get; init; } = 100_000;

    /// <summary>How long a verdict of the validation endpoint holds. Default five minutes.</summary>
    public TimeSpan ValidationValidity { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Requests a second of one caller; five times as many at once. 0: no limit. Default 200.</summary>
    public int RateLimit { get; init; } = 200;

    /// <summary>Connections that one caller may hold on the enrolment and the publication listener together. 0: no limit. Default 1,000.</summary>
    public int ConnectionLimit { get; init; } = 1_000;

    /// <summary>How long after SIGTERM new connections are still served. Default none.</summary>
    public TimeSpan DrainDelay { get; init; }

    /// <summary>How long requests in flight have after that. Default 25 s.</summary>
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromSeconds(25);
}
