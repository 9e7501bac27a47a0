using MtlsSidecar.Demo.Clients;
using MtlsSidecar.Demo.Services;
using MtlsSidecar.Demo.Sidecars;

namespace MtlsSidecar.Demo.Steps;

/// <summary>Keys and certificates of both sides are renewed several times while calls go on.</summary>
internal sealed class RotationUnderLoad : IStep
{
    private const int Rotations = 5;

    public string Title => "Rotation under load";

    public string Proves => "a renewed key and certificate are used by the next connection, and no call fails for it.";

    public async Task PlayAsync(Stage stage, Evidence evidence, CancellationToken cancellationToken)
    {
        using var client = Client.Between(stage.Users, stage.Orders);
        var load = new Load(client, OrdersService.AnOrder);
        try
        {
            await RotateAllAsync(stage, load, cancellationToken);
        }
        finally
        {
            // Also when a rotation hangs: what became of the calls tells why.
            await load.DisposeAsync();
            evidence.Add(load.Calls > 0 && load.Failures == 0, $"{load.Calls} calls, {load.Failures} failed{(load.FirstFailure is { } failure ? $" ({failure})" : "")}");
            evidence.Add(load.CertificatesSeen == Rotations + 1, $"both sides' keys and certificates renewed {Rotations} times, orders was called under {load.CertificatesSeen} certificates");
        }
    }

    private static async Task RotateAllAsync(Stage stage, Load load, CancellationToken cancellationToken)
    {
        await Patience.UntilAsync("the first call", () => load.Calls > 0, cancellationToken);
        for (var rotation = 1; rotation <= Rotations; rotation++)
        {
            await Task.WhenAll(RotateAsync(stage.Orders, cancellationToken), RotateAsync(stage.Users, cancellationToken));

            // In use is more than loaded: the calls must arrive under the new certificate.
            await Patience.UntilAsync("a call under the new certificate", () => load.CertificatesSeen > rotation, cancellationToken);
        }
    }

    /// <summary>Lets the sidecar renew now what it would renew by itself at two thirds of the certificate's life.</summary>
    private static async Task RotateAsync(Party party, CancellationToken cancellationToken)
    {
        if (!await party.Sidecar.Admin.ReloadAsync(cancellationToken))
        {
            throw new SidecarFailedException(party.Sidecar, "could not renew its certificate");
        }
    }
}
