namespace MtlsSidecar.Authority.Hosting;

/// <summary>Whether the server is on its way out, and how many requests it still owes an answer.</summary>
internal sealed class ServerState
{
    private int _inFlight;
    private volatile bool _isDraining;

    /// <summary>Set from the moment of SIGTERM.</summary>
    public bool IsDraining
    {
        get => _isDraining;
        set => _isDraining = value;
    }

    /// <summary>Requests that are being answered.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>A request begins.</summary>
    public void Enter() => Interlocked.Increment(ref _inFlight);

    /// <summary>A request has ended.</summary>
    public void Leave() => Interlocked.Decrement(ref _inFlight);
}
