namespace MtlsSidecar.Proxy.Configuration;

/// <summary>What a matching policy does.</summary>
public enum AuthorizationAction
{
    /// <summary>Refuses the request, whatever else allows it.</summary>
    Deny,

    /// <summary>Allows the request unless something denies it.</summary>
    Allow,

    /// <summary>Logs the request and decides nothing.</summary>
    Audit,
}
