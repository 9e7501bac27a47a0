using MtlsSidecar.Logging;
using Serilog.Events;

namespace MtlsSidecar.Tests.Logging;

/// <summary>An output like a pipe that nobody reads: a write goes on only when let through.</summary>
internal sealed class BlockingOutput : ILogOutput
{
    private readonly SemaphoreSlim _permits = new(0);
    private readonly TaskCompletionSource _blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the first write waits.</summary>
    public Task Blocked => _blocked.Task;

    /// <summary>Messages written.</summary>
    public List<string> Written { get; } = [];

    /// <summary>Lets everything through from now.</summary>
    public void Release() => _permits.Release(1_000_000);

    public void Write(LogEvent logEvent)
    {
        _blocked.TrySetResult();
        _permits.Wait();
        Written.Add(logEvent.RenderMessage(null));
    }

    public void Flush()
    {
    }

    public void Dispose()
    {
    }
}
