namespace MtlsSidecar.Proxy.Authorization;

internal sealed class Permit;
