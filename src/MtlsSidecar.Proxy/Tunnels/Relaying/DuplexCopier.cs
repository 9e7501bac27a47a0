using System.Buffers;
using System.Net.Sockets;

namespace MtlsSidecar.Proxy.Tunnels.Relaying;

/// <summary>
/// Carries bytes both ways until both sides have ended, or one breaks and the other is broken likewise. Never looks at them. A direction
/// holds one buffer while it has bytes in hand and none while it waits; what is not taken by one side is not read from the other.
/// </summary>
internal sealed class DuplexCopier(TunnelSide peer, TunnelSide application, TunnelTraffic traffic, Action<TunnelEndReason> cut)
{
    /// <summary>A TLS record's worth (RFC 8446 §5.1); grows while reads fill it.</summary>
    private const int SmallBuffer = 16 * 1024;
    private const int LargeBuffer = 64 * 1024;

    /// <summary>
    /// So many buffers are carried in one go: between ends that never make us wait, the thread would else belong to this tunnel as long as it is
    /// busy, and with it the connections that the thread watches.
    /// </summary>
    private const int BuffersInOneGo = 32;

    /// <summary>Carries until the end. Never throws for what happens on the network: whatever breaks is reported to <c>cut</c>, the first time with effect.</summary>
    public Task RunAsync() => Task.WhenAll(
        CopyAsync(peer, application, toPeer: false),
        CopyAsync(application, peer, toPeer: true));

    private async Task CopyAsync(TunnelSide from, TunnelSide to, bool toPeer)
    {
        var broken = from;
        var size = SmallBuffer;
        byte[]? buffer = null;
        try
        {
            for (var carried = 1; ; carried++)
            {
                if (carried % BuffersInOneGo == 0)
                {
                    await Task.Yield();
                }

                broken = from;
                await from.WaitAsync();
                buffer = ArrayPool<byte>.Shared.Rent(size);
                var count = await from.ReadAsync(buffer);
                broken = to;
                if (count == 0)
                {
                    break;
                }

                traffic.Carried(toPeer, count);
                await to.WriteAsync(buffer.AsMemory(0, count));
                size = count == buffer.Length ? LargeBuffer : SmallBuffer;
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = null;
            }

            await EndAsync(from, to);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            cut(broken == peer ? TunnelEndReason.ResetByPeer : TunnelEndReason.ResetByApplication);
        }
        catch
        {
            // A defect. The other direction must not go on alone, half a conversation, until somebody ends it: both sides are broken.
            cut(TunnelEndReason.Defect);
            throw;
        }
        finally
        {
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static async ValueTask EndAsync(TunnelSide from, TunnelSide to)
    {
        from.HasEnded = true;
        try
        {
            await to.EndAsync();
        }
        catch (Exception exception) when (to.HasEnded && exception is (IOException or SocketException))
        {
            // It had ended, and is gone for good by now: nothing is left to tell it.
        }
    }
}
