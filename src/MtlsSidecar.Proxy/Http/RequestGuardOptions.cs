namespace MtlsSidecar.Proxy.Http;

/// <summary>What a guard removes besides what it always removes.</summary>
internal sealed record RequestGuardOptions
{
    /// <summary>
    /// Whether <c>X-Forwarded-Client-Cert</c> stays, under its own name only, for a mode that forwards it. Default and safe value: no.
    /// </summary>
    public bool KeepsForwardedClientCert { get; init; }

    /// <summary>Whether <c>X-Forwarded-For</c> and its like go, because the caller is not the one to state them. Default: no.</summary>
    public bool RemovesForwarding { get; init; }

    /// <summary>Whether headers go that make an application take the request for another one than the policies judge. Default: no.</summary>
    public bool RemovesRewriting { get; init; }
}
