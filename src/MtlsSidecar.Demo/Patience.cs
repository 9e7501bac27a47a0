namespace MtlsSidecar.Demo;

/// <summary>Waits for what another process does in its own time. The step's deadline, which cancels the token, bounds the wait.</summary>
internal static class Patience
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

    /// <summary>Looks until there is something.</summary>
    /// <param name="what">What is looked for, to be told when it doesn't come.</param>
    /// <param name="look">Looks once.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">It did not come.</exception>
    public static async Task<T> UntilAsync<T>(string what, Func<Task<T?>> look, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            while (true)
            {
                if (await look() is { } found)
                {
                    return found;
                }

                await Task.Delay(Interval, cancellationToken);
            }
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"waited in vain for {what}", exception);
        }
    }

    /// <summary>Looks until it is so.</summary>
    /// <inheritdoc cref="UntilAsync{T}"/>
    public static Task UntilAsync(string what, Func<bool> look, CancellationToken cancellationToken)
        => UntilAsync(what, () => Task.FromResult(look() ? "so it is" : null), cancellationToken);
}
