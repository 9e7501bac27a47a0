using System.Net;
using System.Net.Sockets;
using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>Opens the sockets of tunnels.</summary>
internal static class TunnelSockets
{
    private const int Backlog = 4096;

    // What open(2) says of a socket: ENXIO on Linux, EOPNOTSUPP on macOS.
    private const int NoSuchDeviceOrAddress = 6;
    private const int OperationNotSupportedOnMac = 102;

    /// <summary>Listens. Port 0 lets the system choose.</summary>
    /// <exception cref="SocketException">The address is taken or not ours.</exception>
    /// <exception cref="IOException">The path of a Unix socket is that of something else, which stays as it is.</exception>
    public static Socket Listen(EndPoint endpoint)
    {
        var socket = Create(endpoint);
        try
        {
            if (endpoint is IPEndPoint { Address: var address } && address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }
            else if (endpoint is UnixDomainSocketEndPoint unix)
            {
                RemoveOrphan(unix);
            }

            socket.Bind(endpoint);
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects to a destination; a host name's addresses are tried in turn.</summary>
    /// <exception cref="SocketException">None took the connection.</exception>
    /// <exception cref="OperationCanceledException">The deadline passed.</exception>
    public static async Task<Socket> ConnectAsync(EndpointAddress destination, CancellationToken cancellationToken)
    {
        EndPoint endpoint = destination switch
        {
            { UnixPath: { } path } => new UnixDomainSocketEndPoint(path),
            { Address: { } address } => new IPEndPoint(address, destination.Port),
            _ => new DnsEndPoint(destination.Host, destination.Port),
        };
        var socket = Create(endpoint);
        try
        {
            await socket.ConnectAsync(endpoint, cancellationToken);
            SocketSettings.Apply(socket);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket Create(EndPoint endpoint) => endpoint switch
    {
        UnixDomainSocketEndPoint => new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified),
        IPEndPoint ip => new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp),
        _ => new Socket(SocketType.Stream, ProtocolType.Tcp),
    };

    /// <summary>A sidecar that was killed leaves its socket's file behind. Where somebody still listens, binding must fail as with a port.</summary>
    private static void RemoveOrphan(UnixDomainSocketEndPoint endpoint)
    {
        var path = endpoint.ToString()!;
        if (!Path.Exists(path))
        {
            return;
        }

        // Connecting to a plain file is refused just as to an orphan: a mistyped path must not cost the operator a file.
        if (!IsSocket(path))
        {
            throw new IOException($"{path} exists and is not a socket.");
        }

        using var probe = Create(endpoint);
        try
        {
            probe.Connect(endpoint);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }
    }

    /// <summary>
    /// The platform doesn't tell a file's type, but a socket is what can't be opened as a file, with an error of its own. Opened for reading
    /// and writing, because that never waits for the other end of a pipe. In doubt it is none, and stays.
    /// </summary>
    private static bool IsSocket(string path)
    {
        if ((File.GetAttributes(path) & (FileAttributes.Directory | FileAttributes.ReparsePoint)) != 0)
        {
            return false;
        }

        try
        {
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite).Dispose();
            return false;
        }
        catch (IOException exception)
        {
            return exception.HResult == (OperatingSystem.IsMacOS() ? OperationNotSupportedOnMac : NoSuchDeviceOrAddress);
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
