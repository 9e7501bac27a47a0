using MtlsSidecar.Proxy.Draining;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.Proxy.Tests.Draining;

public sealed class DrainStateTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(25);
    private readonly DrainState _state = new();
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public async Task NothingInFlight_EndsAtOnce() => (await _state.WaitUntilIdleAsync(Grace, _clock)).Should().BeTrue();

    [Fact]
    public async Task HandshakeInProgress_IsWaitedForAndSoIsWhatComesOfIt()
    {
        _state.EnterHandshake();
        var idle = _state.WaitUntilIdleAsync(Grace, _clock);

        _state.Enter();
        _state.LeaveHandshake();
        idle.IsCompleted.Should().BeFalse();
        _state.InFlight.Should().Be(1);
        _state.Leave();

        (await idle).Should().BeTrue();
    }

    [Fact]
    public async Task StrangerWhoHoldsASocketOpen_IsNotCountedAsCut()
    {
        _state.EnterHandshake();
        var idle = _state.WaitUntilIdleAsync(Grace, _clock);

        _clock.Advance(Grace);

        (await idle).Should().BeFalse();
        _state.InFlight.Should().Be(0);
    }
}
