using MtlsSidecar.Demo.Clients;
using MtlsSidecar.Demo.Services;

namespace MtlsSidecar.Demo.Steps;

/// <summary>Each service calls the other.</summary>
internal sealed class AllowedCalls : IStep
{
    public string Title => "Allowed calls";

    public string Proves => "two services that speak plain HTTP reach each other over mutual TLS, and each is told who calls.";

    public async Task PlayAsync(Stage stage, Evidence evidence, CancellationToken cancellationToken)
    {
        using var toOrders = Client.Between(stage.Users, stage.Orders);
        var rest = await toOrders.SendAsync(HttpMethod.Get, OrdersService.AnOrder, cancellationToken);
        var order = rest.Status == StatusCodes.Status200OK ? rest.ReadOrder() : null;
        evidence.Add(order?.AskedBy.Id == stage.Users.Workload.SpiffeId, $"REST users -> orders {rest}, asked by {order?.AskedBy.Id}");

        using var toUsers = Client.Between(stage.Orders, stage.Users);
        var soap = await toUsers.GetUserAsync(cancellationToken);
        var caller = soap.Status == StatusCodes.Status200OK ? soap.ReadXml("AskedBy") : null;
        evidence.Add(caller == stage.Orders.Workload.SpiffeId, $"SOAP orders -> users {soap}, asked by {caller}");

        var connections = (await stage.Orders.Sidecar.Admin.ReadStatusAsync(cancellationToken)).Connections;
        evidence.Add(connections is { Inbound: > 0, Outbound: > 0 }, $"mutual TLS connections of sidecar orders: {connections.Inbound} in, {connections.Outbound} out");
    }
}
