namespace MtlsSidecar.Proxy.Draining;

/// <summary>How SIGTERM and <c>POST /drain</c> ask the host for the end.</summary>
public sealed class DrainRequest : IDisposable
{
    private readonly TaskCompletionSource _requested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _hurry = new();

    /// <summary>Completes with the first request.</summary>
    public Task Requested => _requested.Task;

    /// <summary>Cancelled with the second: the operator won't wait.</summary>
    public CancellationToken Hurry => _hurry.Token;

    /// <summary>Asks to drain. Asking over HTTP twice changes nothing.</summary>
    public void Request() => _requested.TrySetResult();

    /// <summary>A signal: the first asks to drain, the second to be quick about it.</summary>
    public void Signal()
    {
        if (!_requested.TrySetResult())
        {
            _hurry.Cancel();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _hurry.Dispose();
}
