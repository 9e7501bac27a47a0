using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Sources.Est;

/// <summary>
/// When to renew: at two thirds of the certificate's life, give or take, so that a thousand workloads that started together don't ask
/// together for ever; after a failure soon, then less often, but never less than once a minute.
/// </summary>
internal sealed class EstSchedule
{
    private const double RenewAt = 2.0 / 3;
    private const double RenewalJitter = 0.05;
    private const double BackOffJitter = 0.2;
    private const int MaxDoublings = 10;
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(1);
    private long _nextAttempt;
    private int _failures;

    /// <param name="current">The certificate of an earlier run; null when there is none, and the first attempt is due at once.</param>
    /// <param name="now">The time.</param>
    public EstSchedule(ParsedCertificate? current, DateTimeOffset now)
        => NextAttempt = current is null ? now : RenewalTime(current, current.NotBefore);

    /// <summary>When the next attempt is due.</summary>
    public DateTimeOffset NextAttempt
    {
        get => new(Volatile.Read(ref _nextAttempt), TimeSpan.Zero);
        private set => Volatile.Write(ref _nextAttempt, value.UtcTicks);
    }

    /// <summary>Whether the last attempt failed.</summary>
    public bool HasFailed => Volatile.Read(ref _failures) > 0;

    /// <summary>A certificate has come. Its life counts from here: it begins a little back, which is more than the life of a very short one.</summary>
    public void Succeeded(ParsedCertificate certificate, DateTimeOffset now)
    {
        _failures = 0;
        NextAttempt = RenewalTime(certificate, now);
    }

    /// <summary>None has come.</summary>
    public void Failed(DateTimeOffset now)
    {
        var backOff = FirstBackOff * Math.Pow(2, Math.Min(_failures++, MaxDoublings));
        NextAttempt = now + ((backOff < LongestBackOff ? backOff : LongestBackOff) * Jitter(BackOffJitter));
    }

    private static DateTimeOffset RenewalTime(ParsedCertificate certificate, DateTimeOffset from)
        => from + ((certificate.NotAfter - from) * RenewAt * Jitter(RenewalJitter));

    private static double Jitter(double part) => 1 - part + (2 * part * Random.Shared.NextDouble());
}
