namespace MtlsSidecar.Proxy.Inspection;

/// <summary>What a peer did with our certificate, as far as can be seen from outside.</summary>
public enum ClientCertificateFate
{
    /// <summary>The peer didn't ask for one: it isn't doing mutual TLS.</summary>
    NotRequested,

    /// <summary>It was sent, and the peer keeps the connection.</summary>
    Kept,

    /// <summary>It was sent, and the peer closed the connection: with TLS 1.3 a refusal comes only after the handshake.</summary>
    Closed,
}
