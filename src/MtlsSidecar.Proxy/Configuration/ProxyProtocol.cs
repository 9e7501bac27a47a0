namespace MtlsSidecar.Proxy.Configuration;

/// <summary>Whether the local application is told about the peer by the PROXY protocol.</summary>
public enum ProxyProtocol
{
    /// <summary>Not told. The default.</summary>
    Off,

    /// <summary>PROXY protocol version 2 with the peer's address.</summary>
    V2,

    /// <summary>Version 2 with the TLS extension: the peer's certificate name as well.</summary>
    V2Tls,
}
