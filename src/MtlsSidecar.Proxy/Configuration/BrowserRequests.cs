namespace MtlsSidecar.Proxy.Configuration;

/// <summary>What becomes of outbound requests that a browser sends for a page of another site to a loopback address.</summary>
public enum BrowserRequests
{
    /// <summary>Answered with 403: such a page would call with this workload's identity. The default and the safe value.</summary>
    Reject,

    /// <summary>
    /// Forwarded, for a local application that is itself a gateway for browsers, passes their <c>Sec-Fetch-Site</c> on and calls with a
    /// loopback <c>Host</c>.
    /// </summary>
    Forward,
}
