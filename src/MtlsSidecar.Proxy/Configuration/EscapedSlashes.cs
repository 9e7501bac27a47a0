namespace MtlsSidecar.Proxy.Configuration;

/// <summary>What becomes of a request whose path contains <c>%2f</c>.</summary>
public enum EscapedSlashes
{
    /// <summary>Answered with 400: components that decode it differently would judge different paths. The default and the safe value.</summary>
    Reject,

    /// <summary>
    /// Forwarded as sent. An Allow takes it for part of its segment (<c>/api/*</c> does not match <c>/api%2fx</c>), a Deny for a slash as
    /// well.
    /// </summary>
    Forward,
}
