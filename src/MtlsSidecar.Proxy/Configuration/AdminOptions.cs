namespace MtlsSidecar.Proxy.Configuration;

/// <summary><c>Sidecar:Admin</c>: where operators and probes look. A change needs a restart.</summary>
public sealed class AdminOptions
{
    /// <summary>Metrics, status and commands, http on loopback or a Unix socket. Default <c>http://127.0.0.1:15000</c>.</summary>
    public EndpointAddress Listen { get; init; } = EndpointAddress.Parse("http://127.0.0.1:15000");

    /// <summary>Health probes, http; reachable by the orchestrator. Default <c>http://0.0.0.0:15021</c>.</summary>
    public EndpointAddress Probes { get; init; } = EndpointAddress.Parse("http://0.0.0.0:15021");
}
