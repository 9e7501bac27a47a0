using Microsoft.AspNetCore.Http;
using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Proxy.Inbound.Headers;

/// <summary>
/// Tells the application who the peer is and how the request came. Runs after the caller's headers were copied, and replaces: what stands
/// under these names afterwards is ours alone, except where the mode says otherwise. Spellings in disguise are the request guard's concern.
/// </summary>
internal sealed class InboundHeaders
{
    private const string ClientCert = "Client-Cert";
    private const string ClientCertChain = "Client-Cert-Chain";
    private const string ForwardedFor = "X-Forwarded-For";
    private const string ForwardedHost = "X-Forwarded-Host";
    private const string ForwardedProto = "X-Forwarded-Proto";
    private readonly ForwardedClientCertMode _mode;
    private readonly bool _setsClientCert;

    /// <param name="mode">What becomes of <c>X-Forwarded-Client-Cert</c>.</param>
    /// <param name="setsClientCert">Whether the headers of RFC 9440 are set.</param>
    public InboundHeaders(ForwardedClientCertMode mode, bool setsClientCert)
    {
        _mode = mode;
        _setsClientCert = setsClientCert;
    }

    /// <summary>Sets the headers on a request to the application.</summary>
    public void Apply(HttpContext context, HttpRequestMessage request, PeerHeaders peer)
    {
        SetForwardedClientCert(context, request, peer);
        Set(request, ClientCert, _setsClientCert ? peer.ClientCert : null);
        Set(request, ClientCertChain, _setsClientCert ? peer.ClientCertChain : null);
        var address = context.Connection.RemoteIpAddress;
        Set(request, ForwardedFor, (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString());
        // Peers come by TLS only; the scheme in an HTTP/2 request is merely what the peer says.
        Set(request, ForwardedProto, "https");
        Set(request, ForwardedHost, context.Request.Headers.Host.ToString());
    }

    private void SetForwardedClientCert(HttpContext context, HttpRequestMessage request, PeerHeaders peer)
    {
        switch (_mode)
        {
            case ForwardedClientCertMode.ForwardOnly:
                break;
            case ForwardedClientCertMode.AppendForward:
                var isReadable = ForwardedClientCertReader.TryRead(context.Request.Headers[ForwardedClientCert.Name], out var earlier);
                Set(request, ForwardedClientCert.Name, isReadable ? $"{earlier},{peer.ForwardedClientCert}" : peer.ForwardedClientCert);
                break;
            case ForwardedClientCertMode.SanitizeSet:
                Set(request, ForwardedClientCert.Name, peer.ForwardedClientCert);
                break;
            default:
                Set(request, ForwardedClientCert.Name, null);
                break;
        }
    }

    /// <summary>Replaces whatever the header says; null or empty leaves it out.</summary>
    private static void Set(HttpRequestMessage request, string name, string? value)
    {
        request.Headers.Remove(name);
        if (!string.IsNullOrEmpty(value))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
