namespace MtlsSidecar.Proxy.ProxyHeaders;

/// <summary>A connection that must begin with a PROXY header doesn't, or with a malformed one.</summary>
internal sealed class ProxyHeaderException(string problem) : IOException(problem);
