namespace MtlsSidecar.Authority.Storage;

/// <summary>What a certificate is for. The numbers stand in the database.</summary>
internal enum CertificateKind
{
    /// <summary>A workload's.</summary>
    Workload = 1,

    /// <summary>The root's own.</summary>
    Root = 2,

    /// <summary>An issuing authority's.</summary>
    Issuer = 3,

    /// <summary>An OCSP responder's (RFC 6960 §4.2.2.2).</summary>
    OcspResponder = 4,

    /// <summary>The authority's own TLS server's.</summary>
    Server = 5,
}
