using System.Threading.RateLimiting;

namespace MtlsSidecar.Authority.Hosting;

/// <summary>So many requests a second of each caller, five times as many at once; idle callers are forgotten.</summary>
internal sealed class CallerRateLimit : IDisposable
{
    private const int BurstFactor = 5;
    private readonly PartitionedRateLimiter<string>? _limiter;

    public CallerRateLimit(int requestsPerSecond)
        => _limiter = requestsPerSecond == 0 ? null : PartitionedRateLimiter.Create<string, string>(caller => RateLimitPartition.GetTokenBucketLimiter(
            caller,
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = requestsPerSecond * BurstFactor,
                TokensPerPeriod = requestsPerSecond,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                QueueLimit = 0,
            }));

    /// <summary>Counts a request; false when the caller has had too many.</summary>
    public bool TryTake(string caller)
    {
        if (_limiter is null)
        {
            return true;
        }

        using var lease = _limiter.AttemptAcquire(caller);
        return lease.IsAcquired;
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter?.Dispose();
}
