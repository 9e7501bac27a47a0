using System.Net;
using System.Net.Sockets;

namespace MtlsSidecar.Trust.Revocation.Fetching;

/// <summary>Decides where we connect to for a CRL or an OCSP response. Fails closed: what isn't plainly allowed is not asked.</summary>
internal sealed class FetchGuard(FetchOptions options)
{
    private const int MaxUrlLength = 2048;

    /// <summary>Reads a URL that may be asked.</summary>
    /// <exception cref="FetchException">It may not.</exception>
    public Uri Check(string url, FetchOrigin origin)
    {
        if (url.Length > MaxUrlLength || !Uri.TryCreate(url, UriKind.Absolute, out var uri))
        {
            throw new FetchException("not a URL, or too long");
        }

        // A certificate's URL is plain http: what is fetched is signed, and a TLS handshake would need revocation in turn (RFC 5280 §8).
        if (uri.Scheme != Uri.UriSchemeHttp && (origin == FetchOrigin.Certificate || uri.Scheme != Uri.UriSchemeHttps))
        {
            throw new FetchException($"{uri.Scheme} is not fetched");
        }

        if (uri.UserInfo.Length > 0)
        {
            throw new FetchException("a URL with user information is not fetched");
        }

        if (options.AllowedHosts.Count > 0 && !options.AllowedHosts.Contains(uri.IdnHost, StringComparer.OrdinalIgnoreCase))
        {
            throw new FetchException($"{uri.IdnHost} is not among the allowed hosts");
        }

        return uri;
    }

    /// <summary>Resolves a name once and connects to the first address that may be connected to.</summary>
    /// <exception cref="FetchException">There is none, or nobody answers.</exception>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint target, FetchOrigin origin, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(target.Host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(target.Host, cancellationToken);
        var failure = $"{target.Host} has no address";
        foreach (var address in addresses)
        {
            if (Refuse(new IPEndPoint(address, target.Port), origin) is { } refusal)
            {
                failure = refusal;
                continue;
            }

            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, target.Port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception exception)
            {
                socket.Dispose();
                if (exception is not SocketException)
                {
                    throw;
                }

                failure = exception.Message;
            }
        }

        throw new FetchException(failure);
    }

    private string? Refuse(IPEndPoint endpoint, FetchOrigin origin)
    {
        if (AddressGuard.IsAmong(endpoint, options.OwnListeners()))
        {
            return $"{endpoint} is a listener of our own";
        }

        if (origin != FetchOrigin.Certificate)
        {
            return null;
        }

        return AddressGuard.IsAmong(endpoint, options.GuardedApplications()) ? $"{endpoint} is an application's" : AddressGuard.Refuse(endpoint.Address);
    }
}
