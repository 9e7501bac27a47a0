using System.Net;
using MtlsSidecar.Proxy.Listeners;

namespace MtlsSidecar.Proxy.Tests.Listeners;

/// <summary>Strangers who open connections and say nothing: whose place they may take, and whose not.</summary>
public sealed class HandshakeQuotaTests
{
    private const int Max = 80;
    private readonly HandshakeQuota _quota = new();

    [Fact]
    public void FullQuota_DropsTheOldestAndTakesTheNewcomer()
    {
        var handshakes = Enumerable.Range(0, Max).Select(index => Enter($"10.0.{index}.1")).ToList();

        var newcomer = New();
        _quota.Enter(newcomer, IPAddress.Parse("10.1.0.1"), Max).Should().BeSameAs(handshakes[0]);

        _quota.TryLeave(handshakes[0]).Should().BeFalse("it was dropped and must not go on");
        _quota.TryLeave(newcomer).Should().BeTrue();
        _quota.Count.Should().Be(Max - 1);
    }

    [Fact]
    public void AddressBeyondItsShare_LosesItsOwnOldestAndNobodyElses()
    {
        var others = Enumerable.Range(0, Max / 2).Select(index => Enter($"10.0.{index}.1")).ToList();
        var own = Enumerable.Range(0, Max / 8).Select(_ => Enter("198.51.100.7")).ToList();

        for (var round = 0; round < 3 * Max; round++)
        {
            var newcomer = New();
            _quota.Enter(newcomer, IPAddress.Parse("198.51.100.7"), Max).Should().BeSameAs(own[round]);
            own.Add(newcomer);
        }

        others.Should().OnlyContain(handshake => _quota.TryLeave(handshake));
    }

    [Fact]
    public void AddressAlone_MayTakeHalfOfTheQuota()
    {
        var own = Enumerable.Range(0, Max / 2).Select(_ => Enter("198.51.100.7")).ToList();

        _quota.Enter(New(), IPAddress.Parse("198.51.100.7"), Max).Should().BeSameAs(own[0]);
        _quota.Enter(New(), IPAddress.Parse("198.51.100.8"), Max).Should().BeNull();
    }

    [Theory]
    [InlineData("2001:db8::1", "2001:db8::2:1", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    [InlineData("198.51.100.7", "::ffff:198.51.100.7", true)]
    public void AddressesOfOneHost_ShareItsShare(string first, string second, bool isOneHost)
    {
        var own = Enumerable.Range(0, Max / 2).Select(_ => Enter(first)).ToList();

        _quota.Enter(New(), IPAddress.Parse(second), Max).Should().BeSameAs(isOneHost ? own[0] : null);
    }

    [Fact]
    public void ClientsOfALoadBalancer_CountOnceTheyAreNamed()
    {
        var client = IPAddress.Parse("198.51.100.7");
        var handshakes = Enumerable.Range(0, Max - 1).Select(_ => Enter(remote: null)).ToList();
        foreach (var handshake in handshakes[..(Max / 8)])
        {
            _quota.Name(handshake, client, Max).Should().BeNull();
        }

        _quota.Name(handshakes[Max / 8], client, Max).Should().BeSameAs(handshakes[0]);
        _quota.Enter(New(), remote: null, Max).Should().BeNull();
    }

    [Fact]
    public void HandshakeThatIsOver_GivesItsShareBack()
    {
        foreach (var handshake in Enumerable.Range(0, 10 * Max).Select(_ => Enter("198.51.100.7")))
        {
            _quota.TryLeave(handshake).Should().BeTrue();
        }

        _quota.Count.Should().Be(0);
        _quota.TryLeave(New()).Should().BeFalse("it never came in");
    }

    [Fact]
    public void ListenerForFewPeers_IsNotBlockedByAsFewStrangers()
    {
        var own = Enumerable.Range(0, 20).Select(_ => Enter("198.51.100.7", max: 1)).ToList();

        own.Should().OnlyContain(handshake => _quota.TryLeave(handshake));
    }

    private static PendingHandshake New() => new(startedAt: 0, drop: () => { });

    private PendingHandshake Enter(string? remote, int max = Max)
    {
        var handshake = New();
        _quota.Enter(handshake, remote is null ? null : IPAddress.Parse(remote), max).Should().BeNull();
        return handshake;
    }
}
