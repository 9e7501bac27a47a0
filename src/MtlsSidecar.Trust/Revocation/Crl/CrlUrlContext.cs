using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>What all URLs share.</summary>
internal sealed record CrlUrlContext(CrlStore Store, HttpFetcher Fetcher, TimeProvider TimeProvider)
{
    public required TimeSpan RefreshInterval { get; init; }

    public required CrlCache? Cache { get; init; }

    public required ICrlObserver? Observer { get; init; }

    /// <summary>Hears that a URL has given content.</summary>
    public required Action<CrlUrl> Loaded { get; init; }

    /// <summary>Ends all requests.</summary>
    public required CancellationToken Stopping { get; init; }

    /// <summary>The largest answer taken; PEM is a third larger than DER.</summary>
    public int MaxLength => (int)Math.Min(int.MaxValue / 2, Store.Options.MaxLength * 3L / 2);
}
