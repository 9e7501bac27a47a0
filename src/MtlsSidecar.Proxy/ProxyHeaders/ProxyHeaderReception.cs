using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using static MtlsSidecar.Proxy.ProxyHeaders.ProxyHeaderFormat;

namespace MtlsSidecar.Proxy.ProxyHeaders;

/// <summary>
/// Takes the PROXY header off a connection that comes from a load balancer. Whether one must come is decided by the address that the
/// connection comes from and nothing else: from a named network it is required, from anywhere else it is not looked for, and TLS refuses it
/// as the garbage that it is. Otherwise anybody could say to be anybody.
/// </summary>
internal static class ProxyHeaderReception
{
    /// <summary>Whether connections from this address begin with a header.</summary>
    public static bool IsExpected(IReadOnlyList<IPNetwork> networks, EndPoint? remote)
    {
        if (networks.Count == 0 || remote is not IPEndPoint { Address: var address })
        {
            return false;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var network in networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads the header of a socket, and not a byte beyond it.</summary>
    /// <exception cref="ProxyHeaderException">There is none, or it is malformed.</exception>
    public static async Task<ProxyHeader> ReadAsync(Socket socket, CancellationToken deadline)
    {
        var prefix = new byte[PrefixLength];
        await FillAsync(socket, prefix, deadline);
        if (!ProxyHeaderReader.TryReadPrefix(prefix, out var bodyLength, out var problem))
        {
            throw new ProxyHeaderException(problem);
        }

        var header = new byte[PrefixLength + bodyLength];
        prefix.CopyTo(header, 0);
        await FillAsync(socket, header.AsMemory(PrefixLength), deadline);
        return Parse(header);
    }

    /// <summary>Reads the header of a pipe and leaves what follows in it.</summary>
    /// <exception cref="ProxyHeaderException">There is none, or it is malformed.</exception>
    public static async Task<ProxyHeader> ReadAsync(PipeReader input, CancellationToken deadline)
    {
        var needed = PrefixLength;
        while (true)
        {
            var result = await input.ReadAtLeastAsync(needed, deadline);
            if (result.Buffer.Length < needed)
            {
                input.AdvanceTo(result.Buffer.Start);
                throw new ProxyHeaderException("the connection ended inside the header");
            }

            var header = result.Buffer.Slice(0, needed).ToArray();
            if (!ProxyHeaderReader.TryReadPrefix(header, out var bodyLength, out var problem))
            {
                input.AdvanceTo(result.Buffer.Start);
                throw new ProxyHeaderException(problem);
            }

            if (needed == PrefixLength + bodyLength)
            {
                input.AdvanceTo(result.Buffer.GetPosition(needed));
                return Parse(header);
            }

            needed = PrefixLength + bodyLength;
            input.AdvanceTo(result.Buffer.Start);
        }
    }

    private static ProxyHeader Parse(byte[] header)
        => ProxyHeaderReader.TryRead(header, out var result, out var problem) ? result : throw new ProxyHeaderException(problem);

    private static async Task FillAsync(Socket socket, Memory<byte> buffer, CancellationToken deadline)
    {
        while (!buffer.IsEmpty)
        {
            var count = await socket.ReceiveAsync(buffer, SocketFlags.None, deadline);
            buffer = count > 0 ? buffer[count..] : throw new ProxyHeaderException("the connection ended inside the header");
        }
    }
}
