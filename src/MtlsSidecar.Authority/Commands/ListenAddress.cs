using System.Net;

namespace MtlsSidecar.Authority.Commands;

/// <summary>Addresses to listen on, written as URLs.</summary>
internal static class ListenAddress
{
    /// <summary>Reads an address.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static IPEndPoint Read(string option, Uri url, string scheme)
    {
        if (!url.IsAbsoluteUri || url.Scheme != scheme || url.PathAndQuery != "/")
        {
            throw new UsageException($"{option} is '{url}', and must be like {scheme}://127.0.0.1:8444.");
        }

        var host = url.Host.Trim('[', ']');
        if (host == "localhost")
        {
            return new IPEndPoint(IPAddress.Loopback, url.Port);
        }

        return IPAddress.TryParse(host, out var address)
            ? new IPEndPoint(address, url.Port)
            : throw new UsageException($"{option} is '{url}': listen on an address of this machine or on localhost; names go into the certificate with --name.");
    }
}
