namespace MtlsSidecar.Trust.Revocation.Fetching;

/// <summary>Who named a URL, and so how far it is trusted.</summary>
internal enum FetchOrigin
{
    /// <summary>The operator.</summary>
    Configured,

    /// <summary>A certificate: its issuer, whom somebody may have tricked, chose where we connect to.</summary>
    Certificate,
}
