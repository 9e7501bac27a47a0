namespace MtlsSidecar.Conformance.Tests;

/// <summary>A clock that stands at a case's time.</summary>
internal sealed class FixedTimeProvider(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}
