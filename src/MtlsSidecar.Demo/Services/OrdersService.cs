using System.Runtime.CompilerServices;

namespace MtlsSidecar.Demo.Services;

/// <summary>The service <c>orders</c>: JSON over REST, and a stream of events without end.</summary>
internal static class OrdersService
{
    public const string AnOrder = "/api/orders/7";
    public const string Events = "/api/orders/events";
    private static readonly TimeSpan EventInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Maps its endpoints.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/api/orders/{id:int}", (int id, HttpRequest request) => new Order(id, "Analytical Engine", User: 1, Caller.Of(request)));
        endpoints.MapDelete("/api/orders/{id:int}", (int id) => TypedResults.NoContent());
        endpoints.MapGet(Events, (CancellationToken cancellationToken) => TypedResults.ServerSentEvents(EventsAsync(cancellationToken), "order-placed"));
    }

    private static async IAsyncEnumerable<string> EventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var number = 1; ; number++)
        {
            yield return $"order {number}";
            await Task.Delay(EventInterval, cancellationToken);
        }
    }
}
