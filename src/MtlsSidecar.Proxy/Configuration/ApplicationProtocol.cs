namespace MtlsSidecar.Proxy.Configuration;

/// <summary>What the local application speaks.</summary>
public enum ApplicationProtocol
{
    /// <summary>HTTP/1.1. The default.</summary>
    Http1,

    /// <summary>HTTP/2 in cleartext with prior knowledge, as gRPC needs.</summary>
    Http2,
}
