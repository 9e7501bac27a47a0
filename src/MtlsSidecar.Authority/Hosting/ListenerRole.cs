namespace MtlsSidecar.Authority.Hosting;

/// <summary>What a listener serves. Each connection is marked with it by the listener that accepted it, and nothing in a request changes it.</summary>
internal enum ListenerRole
{
    /// <summary>Enrolment and validation over TLS.</summary>
    Enrolment,

    /// <summary>CRLs, authority certificates and OCSP over plain HTTP: they are signed.</summary>
    Publication,

    /// <summary>Metrics and probes.</summary>
    Admin,
}
