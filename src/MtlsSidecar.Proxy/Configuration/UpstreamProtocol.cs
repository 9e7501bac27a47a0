namespace MtlsSidecar.Proxy.Configuration;

/// <summary>What is spoken between the sidecars.</summary>
public enum UpstreamProtocol
{
    /// <summary>HTTP/2: many requests share few connections. The default.</summary>
    Http2,

    /// <summary>HTTP/1.1.</summary>
    Http1,
}
