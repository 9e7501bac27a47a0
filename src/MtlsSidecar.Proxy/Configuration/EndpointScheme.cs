namespace MtlsSidecar.Proxy.Configuration;

/// <summary>What is spoken at an <see cref="EndpointAddress"/>.</summary>
public enum EndpointScheme
{
    /// <summary>Cleartext HTTP.</summary>
    Http,

    /// <summary>HTTP over mutual TLS.</summary>
    Https,

    /// <summary>A TCP byte stream.</summary>
    Tcp,

    /// <summary>A Unix domain socket; the section says what is spoken on it.</summary>
    Unix,
}
