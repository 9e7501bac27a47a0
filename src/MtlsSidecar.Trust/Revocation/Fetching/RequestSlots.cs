namespace MtlsSidecar.Trust.Revocation.Fetching;

/// <summary>
/// Limits the requests at one time that certificates under one trust anchor cause. Each anchor has its own: an authority whose certificates
/// name servers that never answer holds up its own peers, not those of others.
/// </summary>
internal sealed class RequestSlots(int atOnce) : IDisposable
{
    private const int MaxWaiting = 256;
    private readonly SemaphoreSlim _free = new(atOnce, atOnce);
    private int _waiting;

    /// <summary>Whether so many wait already that nothing new should join them.</summary>
    public bool IsCrowded => Volatile.Read(ref _waiting) >= MaxWaiting;

    /// <summary>Runs a request off the caller's thread, when its turn has come.</summary>
    /// <exception cref="OperationCanceledException">It was given up while waiting.</exception>
    /// <exception cref="ObjectDisposedException">The process ends.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await _free.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        try
        {
            return await request();
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();
}
