namespace MtlsSidecar.Proxy.Configuration;

/// <summary>What becomes of headers by which applications take a request for another than it is: <c>X-HTTP-Method-Override</c>, <c>X-Original-URL</c>.</summary>
public enum RewritingHeaders
{
    /// <summary>Removed: policies judge the method and path of the request line. The default and the safe value.</summary>
    Remove,

    /// <summary>Forwarded as sent, for an application that ignores them or whose policies name neither methods nor paths.</summary>
    Forward,
}
