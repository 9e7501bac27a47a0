namespace MtlsSidecar.Trust.Tests.Revocation.Crl;

/// <summary>A clock that lets something happen when it is looked at the next time.</summary>
internal sealed class InterruptedClock : TimeProvider
{
    /// <summary>What happens, once.</summary>
    public Action? Interruption { get; set; }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        var interruption = Interruption;
        Interruption = null;
        interruption?.Invoke();
        return base.GetUtcNow();
    }
}
