using MtlsSidecar.Demo.Clients;
using MtlsSidecar.Demo.Pki;
using MtlsSidecar.Demo.Services;

namespace MtlsSidecar.Demo.Steps;

/// <summary>A good certificate is not yet a permission: <c>billing</c> may call nobody, and <c>users</c> may look at orders but delete none.</summary>
internal sealed class DeniedCaller : IStep
{
    public string Title => "Denied caller";

    public string Proves => "what no policy allows is answered with 403 by the sidecar, and the service never sees it.";

    public async Task PlayAsync(Stage stage, Evidence evidence, CancellationToken cancellationToken)
    {
        var before = stage.Orders.Service.RequestsSeen;

        using var billing = Client.Directly(stage.Billing, stage.Orders, stage.Authority);
        var unknown = await billing.SendAsync(HttpMethod.Get, OrdersService.AnOrder, cancellationToken);
        evidence.Add(IsDenied(unknown), $"billing GET {unknown}");

        using var users = Client.Between(stage.Users, stage.Orders);
        var tooMuch = await users.SendAsync(HttpMethod.Delete, OrdersService.AnOrder, cancellationToken);
        evidence.Add(IsDenied(tooMuch), $"users DELETE {tooMuch}");

        var seen = stage.Orders.Service.RequestsSeen - before;
        evidence.Add(seen == 0, $"requests that reached the service: {seen}");

        await Patience.UntilAsync("both in the log of sidecar orders", () => Logged(stage.Billing) && Logged(stage.Users.Workload), cancellationToken);
        evidence.Add(true, "sidecar orders logged both with the caller's identity");

        bool Logged(Workload caller) => stage.Orders.Sidecar.Log.Of("Request")
            .Any(line => line["Listener"] == "Inbound" && line["Peer"] == caller.SpiffeId && line["Status"] == "403");
    }

    private static bool IsDenied(Answer answer) => answer is { Status: StatusCodes.Status403Forbidden, Reason: "denied" };
}
