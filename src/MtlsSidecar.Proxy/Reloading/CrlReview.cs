using Microsoft.Extensions.Hosting;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Proxy.Reloading;

/// <summary>
/// Says once of each configured CRL what is wrong with it: signed by nobody known, stale. Decides nothing; a peer that no good CRL covers is
/// the unknown policy's business. Looks again when CRLs, bundles or the own chain have
/// changed, and when a date has come.
/// </summary>
internal sealed class CrlReview(
    CrlStore store, IReadOnlyList<string> sources, (FileTrustBundleSource Bundles, ISvidSource Svid) trust, ICrlObserver observer, TimeProvider timeProvider)
    : IHostedService, IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stopping = new();
    private HashSet<(string Source, string Message)> _said = [];
    private (long Crls, long Trust, X509Svid? Svid) _seen;
    private DateTimeOffset _nextDate;
    private Task _looking = Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Run();
        _looking = WatchAsync(new PeriodicTimer(Look, timeProvider));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _looking;
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    /// <summary>Looks once.</summary>
    internal void Run()
    {
        // Taken before looking: what changes meanwhile is seen next time.
        (_seen, var now) = (Inputs(), timeProvider.GetUtcNow());
        _nextDate = store.Status.SelectMany(crl => new[] { crl.ThisUpdate, crl.NextUpdate + store.Options.MaxStaleness })
            .Where(date => date >= now).Min() ?? DateTimeOffset.MaxValue;
        var problems = store.Examine(sources, KnownIssuers.Of(trust.Bundles.Current.Bundles, trust.Svid.Current)).Where(problem => problem.IsCertain).ToList();
        foreach (var problem in problems.Where(problem => !_said.Contains((problem.Source, problem.Message))))
        {
            observer.Unusable(problem.Source, problem.Message);
        }

        _said = [.. problems.Select(problem => (problem.Source, problem.Message))];
    }

    /// <summary>Looks once if anything may have changed.</summary>
    private void RunIfDue()
    {
        if (_seen != Inputs() || timeProvider.GetUtcNow() > _nextDate)
        {
            Run();
        }
    }

    private (long Crls, long Trust, X509Svid? Svid) Inputs() => (store.Generation, trust.Bundles.Current.Generation, trust.Svid.Current);

    private async Task WatchAsync(PeriodicTimer timer)
    {
        using (timer)
        {
            try
            {
                while (await timer.WaitForNextTickAsync(_stopping.Token))
                {
                    RunIfDue();
                }
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // Stopped.
            }
        }
    }
}
