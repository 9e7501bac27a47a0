using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Proxy.Inbound.Headers;

/// <summary>
/// The <c>X-Forwarded-Client-Cert</c> header in Envoy's format: elements separated by commas, one for each hop; an element is
/// <c>By=…;Hash=…;Subject="…";URI=…;DNS=…</c>.
/// </summary>
internal static class ForwardedClientCert
{
    /// <summary>The header's name.</summary>
    public const string Name = "X-Forwarded-Client-Cert";

    private const int MaxDnsNames = 100;

    private static readonly SearchValues<char> HostNameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._*");

    /// <summary>The element that states a peer's certificate. <c>Subject</c> and <c>URI</c> are there even when empty, as in Envoy.</summary>
    /// <param name="leaf">The peer's validated certificate.</param>
    /// <param name="peer">Its identity.</param>
    /// <param name="own">Our own SPIFFE ID, which received the certificate; without one <c>By</c> is left out.</param>
    public static string Describe(ParsedCertificate leaf, PeerIdentity peer, SpiffeId? own)
    {
        var element = new StringBuilder();
        if (own is { } by)
        {
            element.Append("By=").Append(by).Append(';');
        }

        element.Append("Hash=").Append(Convert.ToHexStringLower(SHA256.HashData(leaf.RawData.Span)));
        element.Append(";Subject=\"").Append(DistinguishedNameText.Format(leaf.Subject)).Append('"');
        element.Append(";URI=").Append(peer.SpiffeId);
        foreach (var name in peer.DnsNames.Where(IsHostName).Take(MaxDnsNames))
        {
            element.Append(";DNS=").Append(name);
        }

        return element.ToString();
    }

    /// <summary>
    /// Whether the name is one and nothing more. An IA5String may hold anything, <c>a;URI=spiffe://…</c> for instance: such a name
    /// would state an identity of its own, and is left out.
    /// </summary>
    private static bool IsHostName(string name) => name.Length is > 0 and <= 253 && !name.AsSpan().ContainsAnyExcept(HostNameCharacters);
}
