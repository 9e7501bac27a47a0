using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Inbound.Headers;

/// <summary>
/// What the application is told about a validated peer, written once for a connection and set on each of its requests.
/// </summary>
internal sealed class PeerHeaders
{
    private readonly Lazy<string> _clientCert;
    private readonly Lazy<string?> _clientCertChain;

    /// <param name="peer">The proof that the certificate was validated.</param>
    /// <param name="own">Our own SPIFFE ID, if we have one.</param>
    public PeerHeaders(ValidatedPeer peer, SpiffeId? own)
    {
        ForwardedClientCert = Headers.ForwardedClientCert.Describe(peer.Path.Leaf, peer.Identity, own);
        _clientCert = new Lazy<string>(() => ToByteSequence(peer.Path.Leaf.RawData));
        _clientCertChain = new Lazy<string?>(() => FormatChain(peer));
    }

    /// <summary>The element for <c>X-Forwarded-Client-Cert</c>.</summary>
    public string ForwardedClientCert { get; }

    /// <summary>The value of <c>Client-Cert</c> (RFC 9440 §2.2).</summary>
    public string ClientCert => _clientCert.Value;

    /// <summary>The value of <c>Client-Cert-Chain</c> (RFC 9440 §2.3), or null when the trust anchor itself issued the certificate.</summary>
    public string? ClientCertChain => _clientCertChain.Value;

    /// <summary>The path by which the peer was validated, not what it presented; the trust anchor is left out, being known.</summary>
    private static string? FormatChain(ValidatedPeer peer)
    {
        var intermediates = peer.Path.Certificates.Skip(1).SkipLast(1).Select(certificate => ToByteSequence(certificate.RawData));
        return string.Join(", ", intermediates) is { Length: > 0 } chain ? chain : null;
    }

    /// <summary>RFC 8941 §3.3.5.</summary>
    private static string ToByteSequence(ReadOnlyMemory<byte> der) => $":{Convert.ToBase64String(der.Span)}:";
}
