namespace MtlsSidecar.Proxy.Configuration;

/// <summary>What becomes of a request whose path contains <c>%2f</c>.</summary>
public enum EscapedSlashes
{
    /// <summary>Answered with 400: components that decode it differently would judge different paths. The default and the safe value.</summary>
    Reject,

    /// <summary>Forwarded as sent and matched by policies as a slash.</summary>
    Forward,
}
