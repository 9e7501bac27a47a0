namespace MtlsSidecar.EndToEnd.Tests.Fixtures;

/// <summary>Tests that need the whole machine: one after the other, when nothing else runs.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class WholeMachine
{
    public const string Name = nameof(WholeMachine);
}
