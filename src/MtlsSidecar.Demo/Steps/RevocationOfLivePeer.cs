using System.Diagnostics;
using MtlsSidecar.Demo.Clients;
using MtlsSidecar.Demo.Services;

namespace MtlsSidecar.Demo.Steps;

/// <summary>The certificate of <c>users</c> is revoked while it reads a stream from <c>orders</c>; <c>web</c> reads one too and is not concerned.</summary>
internal sealed class RevocationOfLivePeer : IStep
{
    public string Title => "Revocation of a connected peer";

    public string Proves => "a new CRL cuts the connections of the revoked peer that are open, refuses new ones, and leaves the neighbours alone.";

    public async Task PlayAsync(Stage stage, Evidence evidence, CancellationToken cancellationToken)
    {
        using var users = Client.Between(stage.Users, stage.Orders);
        using var web = Client.Directly(stage.Web, stage.Orders, stage.Authority);
        var revoked = await users.OpenEventsAsync(cancellationToken);
        var neighbour = await web.OpenEventsAsync(cancellationToken);

        var since = TimeProvider.System.GetUtcNow();
        var serial = stage.Users.Workload.ReadSerial();
        var called = Stopwatch.GetTimestamp();
        await stage.Authority.RevokeAsync(stage.Users.Workload, cancellationToken);
        await Patience.UntilAsync("the end of the open stream of users", () => revoked.HasEnded, cancellationToken);
        var ended = Stopwatch.GetElapsedTime(called, await revoked.Ended);
        evidence.Add(true, $"the open stream of users ended {ended.TotalMilliseconds:F0} ms after mtls-authority revoke was called, {revoked.Events} events in");

        var answer = await users.SendAsync(HttpMethod.Get, OrdersService.AnOrder, cancellationToken);
        evidence.Add(answer.Reason?.StartsWith("upstream_", StringComparison.Ordinal) == true, $"a new call gets {answer}");
        var refusal = await stage.Orders.Sidecar.Admin.WaitForRefusalAsync("Revoked", serial, since, cancellationToken);
        evidence.Add(true, $"sidecar orders tells {refusal.Reason} of serial {refusal.Serial![..8]}...");

        var events = neighbour.Events;
        await Patience.UntilAsync("the next event of the neighbour", () => neighbour.HasEnded || neighbour.Events > events, cancellationToken);
        evidence.Add(!neighbour.HasEnded, neighbour.HasEnded ? "the stream of web ended too" : "the stream of web goes on");
    }
}
