using System.Globalization;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.EndToEnd.Tests.Harness;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>A peer whose host is gone from one moment to the next: nobody says goodbye, and nobody answers.</summary>
public sealed class VanishedPeerTests : TunnelHouse
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4.5);

    [VanishingHostFact]
    public async Task PeerThatVanished_EndsItsTunnelsSilentAndBusyAlike()
    {
        await using var host = await OtherHost.StartAsync();
        var settings = Orders();
        var address = string.Create(CultureInfo.InvariantCulture, $"{host.OurAddress}:{new Uri(settings.Text($"Tunnels:{TunnelPair.In}:Listen")!).Port}");
        await using var sidecar = await SidecarProcess.StartAsync(settings.Set($"Tunnels:{TunnelPair.In}:Listen", $"tcp://{address}"));
        await using var silentPeer = Connect(host, address);
        await using var silent = await WelcomeAsync(silentPeer);
        await using var busyPeer = Connect(host, address);
        await using var busy = await WelcomeAsync(busyPeer);

        await host.VanishAsync();
        await busy.SendAsync("are you there?\n");

        // By keep-alive the one, by what it left unanswered the other; each application is told.
        (await Task.WhenAll(IsCutAsync(silent), IsCutAsync(busy))).Should().OnlyContain(isCut => isCut);
        await Eventually.HoldsAsync(
            () => sidecar.Log.Lines().Count(line => line.Event == "TunnelClosed" && line["Reason"] == "ResetByPeer") == 2, "both ends are logged");
    }

    private static async Task<bool> IsCutAsync(WireConnection application)
    {
        try
        {
            return await application.Stream.ReadAsync(new byte[1]).AsTask().WaitAsync(Limit) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private ChildProcess Connect(OtherHost host, string address) => ChildProcess.Start(host.On(new ProcessStart(
        "openssl", "s_client", "-connect", address, "-servername", "localhost", "-quiet", "-cert", Pki.Web.CertificateFile, "-cert_chain", Pki.Web.CertificateFile, "-key", Pki.Web.KeyFile)));

    private async Task<WireConnection> WelcomeAsync(ChildProcess peer)
    {
        var application = await Application.AcceptAsync();
        await application.SendAsync("welcome\n");
        await peer.Output.WaitForLineAsync(line => line == "welcome", TimeSpan.FromSeconds(20));
        return application;
    }
}
