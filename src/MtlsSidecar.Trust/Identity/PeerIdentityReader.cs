using System.Diagnostics.CodeAnalysis;
using System.Net;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Extensions;
using MtlsSidecar.Trust.Paths.Names;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Identity;

/// <summary>Reads who a certificate names from its subject alternative names; the subject's common name never counts.</summary>
internal static class PeerIdentityReader
{
    private const string Rule = "SPIFFE X.509-SVID §2";

    /// <summary>
    /// Reads the identity of a workload's certificate, whose content must be readable. With a URI name it is an SVID or nothing when the
    /// scheme is <c>spiffe</c>; a URI of another scheme says nothing about a peer, so other names must.
    /// </summary>
    public static bool TryRead(
        ParsedCertificate leaf,
        [NotNullWhen(true)] out PeerIdentity? identity,
        [NotNullWhen(false)] out PeerRejection? rejection)
    {
        (identity, rejection) = (null, null);
        var names = leaf.SubjectAlternativeNames;
        if (names.FirstOrDefault(IsMalformed) is { } malformed)
        {
            // Not only useless: such a name would travel on into logs and headers, where a stray separator forges fields.
            rejection = Refuse(RejectionReason.Malformed, $"malformed alternative name of the form {malformed.Kind}", "RFC 5280 §4.2.1.6");
            return false;
        }

        var uris = names.Where(name => name.Kind == GeneralNameKind.Uri).Select(name => name.Text).ToList();
        if (uris.Count > 1)
        {
            rejection = Refuse(RejectionReason.IdentityAmbiguous, $"{uris.Count} URI names", Rule);
            return false;
        }

        identity = Read(names);
        if (identity.SpiffeId is null && uris is [var uri] && uri.StartsWith("spiffe:", StringComparison.OrdinalIgnoreCase))
        {
            rejection = Refuse(RejectionReason.IdentityMissing, "the URI name is not a workload's SPIFFE ID", Rule);
        }
        else if (identity.Name.Length == 0)
        {
            rejection = Refuse(RejectionReason.IdentityMissing, "no subject alternative name that counts", Rule);
        }

        return rejection is null;

        PeerRejection Refuse(RejectionReason reason, string detail, string rule) => new(reason, detail, rule, leaf.SubjectText);
    }

    /// <summary>Reads whatever names count, for a certificate that needs none. Malformed names and ambiguous URIs count as absent.</summary>
    public static PeerIdentity ReadLenient(ParsedCertificate leaf)
    {
        var names = leaf.SubjectAlternativeNames.Where(name => !IsMalformed(name)).ToList();
        var isAmbiguous = names.Count(name => name.Kind == GeneralNameKind.Uri) > 1;
        return Read(isAmbiguous ? names.Where(name => name.Kind != GeneralNameKind.Uri) : names);
    }

    private static PeerIdentity Read(IEnumerable<GeneralName> names)
    {
        SpiffeId? id = null;
        List<string> dnsNames = [];
        List<IPAddress> addresses = [];
        foreach (var name in names)
        {
            switch (name.Kind)
            {
                // An ID without a path names the trust domain itself: its authority, never a workload.
                case GeneralNameKind.Uri when SpiffeId.TryParse(name.Text, out var parsed) && parsed.Path.Length > 0:
                    id = parsed;
                    break;
                // Others can be compared with constraints but are no host's: RFC 5280 §4.2.1.6.
                case GeneralNameKind.DnsName when HostName.IsPreferred(WithoutWildcard(name.Text)):
                    dnsNames.Add(name.Text.ToLowerInvariant());
                    break;
                case GeneralNameKind.IpAddress:
                    addresses.Add(new IPAddress(name.Octets.Span));
                    break;
            }
        }

        return new PeerIdentity(id, dnsNames, addresses);
    }

    private static bool IsMalformed(GeneralName name) => name.Kind switch
    {
        GeneralNameKind.DnsName => !HostName.IsWellFormed(WithoutWildcard(name.Text)),
        GeneralNameKind.IpAddress => name.Octets.Length is not (AddressRange.V4Length or AddressRange.V6Length),
        GeneralNameKind.Uri => name.Text.Length == 0 || name.Text.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e'),
        _ => false,
    };

    private static ReadOnlySpan<char> WithoutWildcard(string name) => name.StartsWith("*.", StringComparison.Ordinal) ? name.AsSpan(2) : name;
}
