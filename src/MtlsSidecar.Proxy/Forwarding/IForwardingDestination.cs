namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>Where a request is sent, as the access log names it.</summary>
internal interface IForwardingDestination
{
    /// <summary>The destination's address, as configured.</summary>
    string Address { get; }

    /// <summary>The identity of the peer that was validated there last; null before the first.</summary>
    string? Peer { get; }
}
