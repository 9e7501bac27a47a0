using MtlsSidecar.Proxy.Tunnels.Relaying;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.Proxy.Tests.Tunnels.Relaying;

public sealed class TunnelTrafficTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void EachByte_IsReportedOnce()
    {
        var traffic = new TunnelTraffic(_time);

        traffic.Carried(toPeer: true, 5);
        traffic.Carried(toPeer: false, 7);
        traffic.TakeUnreported().Should().Be((7, 5));
        traffic.Carried(toPeer: true, 1);

        traffic.TakeUnreported().Should().Be((0, 1));
        (traffic.FromPeer, traffic.ToPeer).Should().Be((7, 6));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ByteOfEitherSide_EndsTheIdleness(bool toPeer)
    {
        var traffic = new TunnelTraffic(_time);
        _time.Advance(TimeSpan.FromSeconds(5));
        traffic.IdleFor.Should().Be(TimeSpan.FromSeconds(5));

        traffic.Carried(toPeer, 1);

        traffic.IdleFor.Should().Be(TimeSpan.Zero);
    }
}
