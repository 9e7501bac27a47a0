using System.Net;

namespace MtlsSidecar.Trust.Identity;

/// <summary>
/// Who a peer is by its certificate's subject alternative names. Names that don't count for the bundle under which the certificate was
/// validated (DNS and IP names under a federated bundle) are already left out.
/// </summary>
/// <param name="SpiffeId">The SPIFFE ID, when the certificate is an X.509-SVID.</param>
/// <param name="DnsNames">DNS names in lower case.</param>
/// <param name="IpAddresses">IP addresses.</param>
public sealed record PeerIdentity(SpiffeId? SpiffeId, IReadOnlyList<string> DnsNames, IReadOnlyList<IPAddress> IpAddresses)
{
    /// <summary>No identity at all, as in a certificate held only to <c>rfc5280</c>.</summary>
    public static PeerIdentity None { get; } = new(null, [], []);

    /// <summary>The name by which the peer is shown and counted: its SPIFFE ID, else its first DNS name, else its first address.</summary>
    public string Name => this switch
    {
        { SpiffeId: { } id } => id.ToString(),
        { DnsNames: [var dns, ..] } => "dns:" + dns,
        { IpAddresses: [var address, ..] } => "ip:" + address,
        _ => "",
    };

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
