using System.Net;

namespace MtlsSidecar.Proxy.ProxyHeaders;

/// <summary>What a PROXY header said.</summary>
/// <param name="Source">Whose connection it is; null when the sender speaks for itself (health checks) or doesn't know: then its own address counts.</param>
internal sealed record ProxyHeader(IPEndPoint? Source);
