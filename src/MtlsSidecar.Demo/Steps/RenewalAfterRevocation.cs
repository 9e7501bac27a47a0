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
        await stage.Authority.RenewAsync(stage.Users.Workload, cancellationToken);
        using var client = Client.Between(stage.Users, stage.Orders);
        var refused = 0;
        var answer = await Patience.UntilAsync(
            "an answer to users",
            async () =>
            {
                var answer = await client.SendAsync(HttpMethod.Get, OrdersService.AnOrder, cancellationToken);
                refused += answer.Status == StatusCodes.Status200OK ? 0 : 1;
                return answer.Status == StatusCodes.Status200OK ? answer : null;
            },
            cancellationToken);
        evidence.Add(true, $"users GET {answer} after {refused} refused calls");
    }
}
