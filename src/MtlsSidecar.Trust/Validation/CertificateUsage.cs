namespace MtlsSidecar.Trust.Validation;

/// <summary>The role in which a peer presents its certificate; decides the extended key usage demanded (RFC 5280 §4.2.1.12).</summary>
public enum CertificateUsage
{
    /// <summary>Either role: no extended key usage is demanded.</summary>
    Any,

    /// <summary>The peer connected to us: <c>id-kp-clientAuth</c>.</summary>
    Client,

    /// <summary>We connected to the peer: <c>id-kp-serverAuth</c>.</summary>
    Server,
}
