using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Telemetry;

namespace MtlsSidecar.Proxy.Reloading;

/// <summary>Reads things again, on a file's change or on <c>POST /reload</c>, and is loud about what could not be taken.</summary>
internal sealed partial class Reload(IEnumerable<IReloadable> reloadables, SidecarMetrics metrics, ILogger<Reload> logger)
{
    // Two reloads of one thing at a time, of a file's change and of an operator, could put the older content over the newer. Different things
    // don't wait for each other: a CRL server that never answers must not hold up the CRL file that revokes somebody.
    private readonly ConditionalWeakTable<IReloadable, SemaphoreSlim> _oneAtATime = [];
    private readonly ConcurrentDictionary<string, string> _lastErrors = new();

    /// <summary>Everything that can be reloaded.</summary>
    public IReadOnlyList<IReloadable> Reloadables { get; } = [.. reloadables];

    /// <summary>Why the last reload of a thing was refused; null when it was not.</summary>
    public string? LastErrorOf(string what) => _lastErrors.GetValueOrDefault(what);

    /// <summary>Reloads everything.</summary>
    /// <returns>Every error.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        var errors = new List<string>();
        foreach (var reloadable in Reloadables)
        {
            errors.AddRange(await RunAsync(reloadable, cancellationToken));
        }

        return errors;
    }

    /// <summary>Reloads one thing. Never throws: a defect of ours counts as an error and keeps the old.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(IReloadable reloadable, CancellationToken cancellationToken)
    {
        var turn = _oneAtATime.GetValue(reloadable, static _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(cancellationToken);
        try
        {
            return await RunInTurnAsync(reloadable, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<IReadOnlyList<string>> RunInTurnAsync(IReloadable reloadable, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> errors;
        try
        {
            errors = await reloadable.ReloadAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            errors = [$"{exception.GetType().Name}: {exception.Message}"];
        }

        metrics.Reloaded(reloadable.What, errors.Count == 0);
        foreach (var error in errors)
        {
            Log.ReloadFailed(logger, reloadable.What, error);
        }

        if (errors.Count > 0)
        {
            _lastErrors[reloadable.What] = string.Join("; ", errors);
        }
        else
        {
            _lastErrors.TryRemove(reloadable.What, out _);
            Log.Reloaded(logger, reloadable.What);
        }

        return errors;
    }

    private static partial class Log
    {
        [LoggerMessage(9201, LogLevel.Information, "Reloaded {What}", EventName = nameof(Reloaded))]
        public static partial void Reloaded(ILogger logger, string what);

        [LoggerMessage(9202, LogLevel.Error, "Reload of {What} failed, the old stays in force: {Error}", EventName = nameof(ReloadFailed))]
        public static partial void ReloadFailed(ILogger logger, string what, string error);
    }
}
