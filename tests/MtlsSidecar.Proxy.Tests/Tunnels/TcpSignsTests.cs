using System.Net;
using System.Net.Sockets;
using MtlsSidecar.Proxy.Tunnels;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.Proxy.Tests.Tunnels;

/// <summary>Telling an end that vanished from one that lives and merely waits, or doesn't read.</summary>
public sealed class TcpSignsTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(3);
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _sender = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public TcpSignsTests()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _sender.Connect(_listener.LocalEndPoint!);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _sender.Dispose();
    }

    [Theory]
    [InlineData(0, 1, 180_000, true)]
    [InlineData(2, 0, 180_000, true)]
    [InlineData(0, 0, 3_600_000, false)]
    [InlineData(0, 1, 179_999, false)]
    [InlineData(9, 0, 119_000, false)]
    public void EndThatLeavesSomethingUnanswered_IsSilent(byte probes, int unacknowledged, int sinceAnswer, bool isSilent)
    {
        var info = new byte[TcpSigns.Length];
        info[3] = probes;
        BitConverter.TryWriteBytes(info.AsSpan(24), unacknowledged).Should().BeTrue();
        BitConverter.TryWriteBytes(info.AsSpan(56), sinceAnswer).Should().BeTrue();

        TcpSigns.IsSilent(info, Long).Should().Be(isSilent);
    }

    [Fact]
    public void ConnectionOnWhichNothingWaits_IsNotSilentHoweverLong() => TcpSigns.IsSilent(_sender, TimeSpan.Zero).Should().BeFalse();

    [Fact]
    public async Task EndThatDoesNotRead_IsWaitingButAnswers()
    {
        using var reader = await _listener.AcceptAsync();
        _sender.Blocking = false;
        try
        {
            while (true)
            {
                _sender.Send(new byte[64 * 1024]);
            }
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.WouldBlock)
        {
            // Its window is full.
        }

        // The system asks it whether it reads again, which shows that this is the case that must not be taken for a vanished end.
        await Eventually.HoldsAsync(() => TcpSigns.IsSilent(_sender, TimeSpan.Zero), "something waits for it");
        TcpSigns.IsSilent(_sender, Long).Should().BeFalse();
    }

    [Fact]
    public void ClosedSocket_IsNotSilent()
    {
        _sender.Dispose();

        TcpSigns.IsSilent(_sender, TimeSpan.Zero).Should().BeFalse();
    }
}
