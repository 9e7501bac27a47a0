using System.Net;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Validation;

/// <summary>
/// The one identity that a certificate must have: an ID, not a pattern over several. A wildcard certificate matches the names that it
/// stands for, as it does for a destination.
/// </summary>
internal static class ExpectedIdentity
{
    /// <summary>Reads it.</summary>
    /// <exception cref="FormatException">It is none of the three forms. What can't be read must not match anything, nor restrict nothing.</exception>
    public static IdentityPattern Parse(string text) => text.Split(':', 2) switch
    {
        ["dns", var name] when Uri.CheckHostName(name) == UriHostNameType.Dns && !IPAddress.TryParse(name, out _) => IdentityPattern.ForHost(name),
        ["ip", var address] when AddressText.TryParse(address, out _) => IdentityPattern.Parse(text),
        ["spiffe", _] when SpiffeId.TryParse(text, out _) => IdentityPattern.Parse(text),
        _ => throw new FormatException($"identity: '{text}' is none of a SPIFFE ID, dns:NAME, ip:ADDRESS"),
    };
}
