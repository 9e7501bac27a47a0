using System.Runtime.InteropServices;

namespace MtlsSidecar.Demo;

/// <summary>Ctrl+C, or whatever else asks the demo to end. It never ends at once: its sidecars and its directory are cleared away first.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly TaskCompletionSource _requested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PosixSignalRegistration> _registrations;

    public Interruption() => _registrations =
        [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT }.Select(signal => PosixSignalRegistration.Create(signal, Handle))];

    /// <summary>Cancelled when the demo is to end.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Completes when the demo is to end.</summary>
    public Task Requested => _requested.Task;

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        _requested.TrySetResult();
        _source.Cancel();
    }
}
