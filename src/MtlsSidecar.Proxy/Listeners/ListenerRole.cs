namespace MtlsSidecar.Proxy.Listeners;

/// <summary>What a listener is for. Decides which pipeline its connections get; nothing in a request can change it.</summary>
internal enum ListenerRole
{
    /// <summary>Mutual TLS from peers to the local application.</summary>
    Inbound,

    /// <summary>Plain HTTP from the local application to upstreams.</summary>
    Outbound,

    /// <summary>Metrics, status and commands for operators of this machine.</summary>
    Admin,

    /// <summary>Health probes for the orchestrator.</summary>
    Probes,

    /// <summary>Opaque TCP over mutual TLS.</summary>
    Tunnel,
}
