namespace MtlsSidecar.Proxy.Http;

/// <summary>What a header would claim if an application believed it.</summary>
internal enum HeaderClaim
{
    /// <summary>Nothing that concerns us.</summary>
    None,

    /// <summary>Who the caller is, under a name that only we may use.</summary>
    Identity,

    /// <summary><c>X-Forwarded-Client-Cert</c> under its own name: who the caller is, and in some modes who is before it.</summary>
    ForwardedClientCert,

    /// <summary>From where and for which host and scheme the request came: <c>X-Forwarded-For</c>, <c>-Host</c>, <c>-Proto</c>, <c>Forwarded</c>.</summary>
    Forwarding,

    /// <summary>
    /// Another method, path or address of the application than the request has: <c>X-HTTP-Method-Override</c>, <c>X-Original-URL</c>,
    /// <c>X-Forwarded-Prefix</c> and their like.
    /// </summary>
    Rewriting,

    /// <summary>Where the body ends, under a name that some applications take for <c>Content-Length</c> or <c>Transfer-Encoding</c>.</summary>
    DisguisedFraming,
}
