using MtlsSidecar.Demo.Clients;
using MtlsSidecar.Demo.Services;

namespace MtlsSidecar.Demo.Steps;

/// <summary>The owner of the revoked certificate gets a new one.</summary>
internal sealed class RenewalAfterRevocation : IStep
{
    public string Title => "New certificate for the revoked peer";

    public string Proves => "it was the certificate that was refused, not its owner; no sidecar needs a restart.";

    public async Task PlayAsync(Stage stage, Evidence evidence, CancellationToken cancellationToken)
    {
        using var client = Client.Between(stage.Users, stage.Orders);
        var before = await CallAsync();
        evidence.Add(before.Status != StatusCodes.Status200OK, $"users GET {before} under the revoked certificate");

        // A revoked certificate renews nothing; its owner's sidecar takes the new token instead.
        await stage.Authority.GrantTokenAsync(stage.Users.Workload, cancellationToken);
        evidence.Add(await stage.Users.Sidecar.Admin.ReloadAsync(cancellationToken), "its sidecar enrolled anew with a new token");
        var after = await Patience.UntilAsync(
            "an answer to users", async () => await CallAsync() is { Status: StatusCodes.Status200OK } answer ? answer : null, cancellationToken);
        evidence.Add(true, $"users GET {after} under the new one");

        Task<Answer> CallAsync() => client.SendAsync(HttpMethod.Get, OrdersService.AnOrder, cancellationToken);
    }
}
