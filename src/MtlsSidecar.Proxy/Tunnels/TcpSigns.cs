using System.Buffers.Binary;
using System.Net.Sockets;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>
/// What the system knows of the other end of a TCP connection (<c>TCP_INFO</c>, tcp(7)). Keep-alive probes are sent only while nothing waits to be
/// acknowledged, so a peer that vanishes in the middle of a message would be waited for a quarter of an hour. <c>TCP_USER_TIMEOUT</c> is no
/// help: it also breaks a connection whose other end lives and merely doesn't read, as a broker does that holds back its producers.
/// </summary>
internal static class TcpSigns
{
    /// <summary>What is read of <c>struct tcp_info</c>; the kernel only ever appends to it.</summary>
    public const int Length = 60;

    private const int TcpLevel = 6;
    private const int TcpInfo = 11;
    private const int UnansweredProbes = 3;
    private const int UnacknowledgedSegments = 24;
    private const int MillisecondsSinceAcknowledgement = 56;

    /// <summary>Whether something waits for the other end, which has not answered for so long. False where the system doesn't say.</summary>
    public static bool IsSilent(Socket socket, TimeSpan atLeast)
    {
        if (!OperatingSystem.IsLinux() || socket.AddressFamily == AddressFamily.Unix)
        {
            return false;
        }

        Span<byte> info = stackalloc byte[Length];
        try
        {
            return socket.GetRawSocketOption(TcpLevel, TcpInfo, info) == Length && IsSilent(info, atLeast);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Closed meanwhile: its copy loops know best.
            return false;
        }
    }

    /// <summary>The same, from the structure.</summary>
    public static bool IsSilent(ReadOnlySpan<byte> info, TimeSpan atLeast)
        => (info[UnansweredProbes] > 0 || Number(info, UnacknowledgedSegments) > 0)
        && TimeSpan.FromMilliseconds(Number(info, MillisecondsSinceAcknowledgement)) >= atLeast;

    private static uint Number(ReadOnlySpan<byte> info, int offset)
        => BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(info[offset..]) : BinaryPrimitives.ReadUInt32BigEndian(info[offset..]);
}
