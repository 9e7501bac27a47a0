using MtlsSidecar.Demo.Clients;
using MtlsSidecar.Demo.Pki;
using MtlsSidecar.Demo.Services;

namespace MtlsSidecar.Demo.Steps;

/// <summary>What every caller sees whom the sidecar of <c>orders</c> doesn't believe: no answer, while the sidecar tells its operator why.</summary>
internal static class RefusedHandshake
{
    /// <summary>Calls <c>orders</c> and takes down how it was refused.</summary>
    public static async Task ShowAsync(Stage stage, Workload? caller, string expectedReason, Evidence evidence, CancellationToken cancellationToken)
    {
        var before = stage.Orders.Service.RequestsSeen;
        var since = TimeProvider.System.GetUtcNow();

        using var client = Client.Directly(caller, stage.Orders, stage.Authority);
        try
        {
            var answer = await client.SendAsync(HttpMethod.Get, OrdersService.AnOrder, cancellationToken);
            evidence.Add(false, $"the caller was answered {answer}");
        }
        catch (HttpRequestException exception)
        {
            evidence.Add(true, $"the caller saw no answer ({exception.GetBaseException().Message.TrimEnd('.')})");
        }

        var refusal = await stage.Orders.Sidecar.Admin.WaitForRefusalAsync(expectedReason, caller?.ReadSerial(), since, cancellationToken);
        evidence.Add(true, $"sidecar orders tells {refusal.Reason}{(refusal.Serial is { } serial ? $" of serial {serial[..8]}..." : "")}");

        var seen = stage.Orders.Service.RequestsSeen - before;
        evidence.Add(seen == 0, $"requests that reached the service: {seen}");
    }
}
