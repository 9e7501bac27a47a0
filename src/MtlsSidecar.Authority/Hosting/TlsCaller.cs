using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Authority.Hosting;

/// <summary>
/// What a caller presented in its TLS handshake, which proved that it holds the key. Nothing has been judged: an endpoint that needs an
/// authenticated caller asks <see cref="CallerAuthentication"/>.
/// </summary>
internal sealed class TlsCaller
{
    /// <summary>The chain; null when the caller presented no certificate.</summary>
    public PresentedChain? Presented { get; set; }
}
