using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>Contract, behaviour 7, for tunnels.</summary>
public sealed class DrainTests : TunnelHouse
{
    [Fact]
    public async Task TunnelThatEndsWithinTheGracePeriod_IsFinished()
    {
        await using var pair = await StartPairAsync();
        await using var caller = await pair.ConnectAsync();
        await using var application = await Application.AcceptAsync();

        pair.Orders.Process.Signal(ProcessSignal.Terminate);
        await Eventually.HoldsAsync(async () => !await TcpProbe.IsListeningAsync(pair.Orders.Tunnel(TunnelPair.In)), "no new peers");
        await caller.SendAsync("last order");
        await caller.EndAsync();
        (await application.ReadToEndAsync()).Should().Be("last order");
        await application.SendAsync("done");
        await application.EndAsync();

        (await caller.ReadToEndAsync()).Should().Be("done");
        (await pair.Orders.Process.WaitForExitAsync(TimeSpan.FromSeconds(20))).Should().Be(0);
    }

    [Fact]
    public async Task TunnelThatOutlivesTheGracePeriod_IsCutAndCounted()
    {
        await using var pair = await StartPairAsync(orders => orders.Set("Drain:GracePeriod", "00:00:01"));
        await using var caller = await pair.ConnectAsync();
        await using var application = await Application.AcceptAsync();
        await application.SendAsync("welcome");
        await caller.ReadUntilAsync("welcome");

        (await pair.Orders.TerminateAsync()).Should().Be(1);

        (await application.EndsInResetAsync()).Should().BeTrue();
        (await caller.EndsInResetAsync()).Should().BeTrue();
        (await pair.Orders.Log.WaitForEventAsync("Drained"))["Tunnels"].Should().Be("1");
        (await pair.Orders.Log.WaitForEventAsync("TunnelClosed"))["Reason"].Should().Be("Drained");
    }

    [Fact]
    public async Task HandshakeInProgress_IsWaitedForAndItsTunnelServed()
    {
        await using var sidecar = await StartInboundAsync();
        var (isHalfWay, goesOn) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        var options = MtlsClient.TlsOptions(Pki, Pki.Web);

        // Called when the server has spoken and waits for our certificate.
        options.RemoteCertificateValidationCallback = (_, _, _, _) =>
        {
            isHalfWay.SetResult();
            return goesOn.Task.Wait(TimeSpan.FromSeconds(20));
        };
        await using var plain = await WireConnection.ConnectPlainAsync(sidecar.Tunnel(TunnelPair.In));
        var handshake = Task.Run(() => plain.StartTlsAsync(options));
        await isHalfWay.Task.WaitAsync(TimeSpan.FromSeconds(20));

        sidecar.Process.Signal(ProcessSignal.Terminate);
        await sidecar.Log.WaitForEventAsync("TunnelListenerUnbound");
        goesOn.SetResult();
        await using (var peer = await handshake)
        await using (var application = await Application.AcceptAsync())
        {
            await peer.SendAsync("last order");
            (await application.ReadUntilAsync("order")).Should().Be("last order");
        }

        (await sidecar.Process.WaitForExitAsync(TimeSpan.FromSeconds(20))).Should().Be(0);
        sidecar.Log.Lines().Select(line => line.Event).Where(name => name is "TunnelClosed" or "Drained")
            .Should().Equal(["TunnelClosed", "Drained"], "the drain ends with the tunnel, and not before");
    }

    [Fact]
    public async Task StrangerWhoHoldsASocketOpen_IsNotWaitedForBeyondTheHandshakeTimeoutNorCounted()
    {
        await using var sidecar = await StartInboundAsync("00:00:01");
        await using var stranger = await WireConnection.ConnectPlainAsync(sidecar.Tunnel(TunnelPair.In));

        (await sidecar.TerminateAsync()).Should().Be(0);
    }

    [Fact]
    public async Task WhileDraining_TheLocalApplicationStillCallsOut()
    {
        await using var pair = await StartPairAsync();
        await using var first = await pair.ConnectAsync();
        await using var firstApplication = await Application.AcceptAsync();

        pair.Web.Process.Signal(ProcessSignal.Terminate);
        await pair.Web.Log.WaitForEventAsync("Draining");
        await using (var second = await pair.ConnectAsync())
        await using (var secondApplication = await Application.AcceptAsync())
        {
            await secondApplication.SendAsync("welcome");
            (await second.ReadUntilAsync("welcome")).Should().Be("welcome");
        }

        await first.DisposeAsync();
        await firstApplication.DisposeAsync();
        (await pair.Web.Process.WaitForExitAsync(TimeSpan.FromSeconds(20))).Should().Be(0);
    }

    private Task<SidecarProcess> StartInboundAsync(string handshakeTimeout = "00:00:20")
        => StartOrdersAsync(settings => settings.Set($"Tunnels:{TunnelPair.In}:HandshakeTimeout", handshakeTimeout));
}
