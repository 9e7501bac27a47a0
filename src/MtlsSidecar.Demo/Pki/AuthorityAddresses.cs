using System.Net;
using System.Net.Sockets;

namespace MtlsSidecar.Demo.Pki;

/// <summary>Where the authority listens. Certificates say where their CRLs are, so this is known before the first one is made.</summary>
/// <param name="Listen">Enrolment, over TLS.</param>
/// <param name="Publish">CRLs.</param>
/// <param name="Admin">Probes.</param>
internal sealed record AuthorityAddresses(Uri Listen, Uri Publish, Uri Admin)
{
    /// <summary>Three free ports of this moment.</summary>
    public static AuthorityAddresses Pick()
    {
        // All held before the first is let go, so that they differ.
        var listeners = Enumerable.Range(0, 3).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.ConvertAll(listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        listeners.ForEach(listener => listener.Dispose());
        return new AuthorityAddresses(
            new UriBuilder("https", "localhost", ports[0]).Uri, new UriBuilder("http", "127.0.0.1", ports[1]).Uri, new UriBuilder("http", "127.0.0.1", ports[2]).Uri);
    }
}
