using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.ProxyHeaders;

/// <summary>What a PROXY header can tell of a peer that came over mutual TLS.</summary>
/// <param name="Protocol">The version of TLS, as OpenSSL names it.</param>
/// <param name="Alpn">The application protocol agreed on; empty: none.</param>
/// <param name="ServerName">The server name that the peer asked for; empty: none.</param>
/// <param name="CommonName">The common name of its certificate, which is for people; it proves nothing that the identity doesn't.</param>
/// <param name="Certificate">Its certificate, DER.</param>
/// <param name="SpiffeId">Its SPIFFE ID; null: it is known by DNS name or address.</param>
internal sealed record PeerFacts(
    string Protocol, ReadOnlyMemory<byte> Alpn, string ServerName, string? CommonName, ReadOnlyMemory<byte> Certificate, string? SpiffeId)
{
    private const string CommonNameOid = "2.5.4.3";

    /// <summary>Takes the facts of a connection whose peer was validated.</summary>
    public static PeerFacts Of(SslStream tls, ValidatedPeer peer) => new(
        TlsDefaults.NameOf(tls.SslProtocol),
        tls.NegotiatedApplicationProtocol.Protocol,
        tls.TargetHostName,
        CommonNameOf(peer.Path.Leaf.Subject),
        peer.Presented.Leaf,
        peer.Identity.SpiffeId?.ToString());

    private static string? CommonNameOf(ReadOnlyMemory<byte> subject)
    {
        try
        {
            return new X500DistinguishedName(subject.Span).EnumerateRelativeDistinguishedNames()
                .Where(name => !name.HasMultipleElements && name.GetSingleElementType().Value == CommonNameOid)
                .Select(name => name.GetSingleElementValue())
                .FirstOrDefault();
        }
        catch (CryptographicException)
        {
            // A name that the platform can't read is left out; the whole certificate goes along anyway.
            return null;
        }
    }
}
