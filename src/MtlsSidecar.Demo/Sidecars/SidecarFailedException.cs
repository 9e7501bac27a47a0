namespace MtlsSidecar.Demo.Sidecars;

/// <summary>A sidecar did not do what the demo can't go on without.</summary>
internal sealed class SidecarFailedException(SidecarProcess sidecar, string what)
    : Exception($"sidecar {sidecar.Name} {what}. Its last lines:\n{string.Join('\n', sidecar.Log.Tail(10))}");
