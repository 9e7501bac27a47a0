using System.Net;

namespace MtlsSidecar.Authority.Commands;

/// <summary>The address that certificates carry for CRLs and OCSP.</summary>
internal static class AdvertisedAddress
{
    /// <summary>
    /// Plain HTTP and an address that somebody can dial: relying parties follow no other (RFC 5280 §8: https would ask for a certificate
    /// whose CRL would have to be fetched first).
    /// </summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static void ThrowIfUnusable(Uri address)
    {
        if (!address.IsAbsoluteUri || address.Scheme != Uri.UriSchemeHttp || address.Query.Length + address.Fragment.Length + address.UserInfo.Length > 0)
        {
            throw new UsageException($"'{address}' is not a plain http URL, such as http://ca.foo.test:8480.");
        }

        if (IPAddress.TryParse(address.Host, out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)))
        {
            throw new UsageException($"{address} can't stand in certificates: say with --advertise where relying parties reach it.");
        }
    }
}
