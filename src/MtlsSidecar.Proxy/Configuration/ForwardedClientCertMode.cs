namespace MtlsSidecar.Proxy.Configuration;

/// <summary>What becomes of <c>X-Forwarded-Client-Cert</c>, as in Envoy.</summary>
public enum ForwardedClientCertMode
{
    /// <summary>What the peer sent is removed and the header set from the validated certificate. The default and the safe value.</summary>
    SanitizeSet,

    /// <summary>What the peer sent is removed, nothing is set.</summary>
    Sanitize,

    /// <summary>The validated certificate is appended to what the peer sent. Only behind peers that are trusted to state it.</summary>
    AppendForward,

    /// <summary>What the peer sent passes unchanged. Only behind peers that are trusted to state it.</summary>
    ForwardOnly,
}
