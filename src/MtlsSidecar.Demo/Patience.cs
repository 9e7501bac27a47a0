namespace MtlsSidecar.Demo;

/// <summary>Waits for what another process does in its own time. The step's deadline, which cancels the token, bounds the wait.</summary>
internal static class Patience
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

    /// <summary>Looks until there is something.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T?>> look, CancellationToken cancellationToken)
        where T : class
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

    /// <summary>Looks until it is so.</summary>
    public static async Task UntilAsync(Func<Task<bool>> look, CancellationToken cancellationToken)
    {
        while (!await look())
        {
            await Task.Delay(Interval, cancellationToken);
        }
    }
}
