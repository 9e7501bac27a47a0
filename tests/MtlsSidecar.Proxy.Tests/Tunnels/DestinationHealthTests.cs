using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Tunnels;

namespace MtlsSidecar.Proxy.Tests.Tunnels;

public sealed class DestinationHealthTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly EndpointAddress First = EndpointAddress.Parse("tcp://a:1");
    private static readonly EndpointAddress Second = EndpointAddress.Parse("tcp://b:1");
    private readonly DestinationHealth _health = new();

    [Fact]
    public void HealthyDestinations_AreTriedInTheirOrder() => Order(Now).Should().Equal(First, Second);

    [Fact]
    public void DestinationThatJustFailed_IsTriedLast()
    {
        _health.Failed(First, Now);

        Order(Now.AddSeconds(9)).Should().Equal(Second, First);
    }

    [Fact]
    public void DestinationThatFailedAWhileAgo_HasItsPlaceBack()
    {
        _health.Failed(First, Now);

        Order(Now.AddSeconds(10)).Should().Equal(First, Second);
    }

    [Fact]
    public void DestinationThatTookAConnection_HasItsPlaceBack()
    {
        _health.Failed(First, Now);
        _health.Succeeded(First);

        Order(Now).Should().Equal(First, Second);
    }

    private IEnumerable<EndpointAddress> Order(DateTimeOffset now) => _health.Order([First, Second], now);
}
