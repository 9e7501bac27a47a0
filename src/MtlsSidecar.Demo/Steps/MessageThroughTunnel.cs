using MtlsSidecar.Demo.Messaging;

namespace MtlsSidecar.Demo.Steps;

/// <summary>A protocol that no sidecar understands: <c>users</c> publishes to a broker beside <c>orders</c> and receives from it.</summary>
internal sealed class MessageThroughTunnel : IStep
{
    private const string Topic = "orders/7";
    private const string Message = "order 7 shipped";

    public string Title => "Message through a tunnel";

    public string Proves => "MQTT clients that know no TLS use a broker through both sidecars, and the broker's sidecar knows whose connection it is.";

    public async Task PlayAsync(Stage stage, Evidence evidence, CancellationToken cancellationToken)
    {
        if (stage.Broker is not { } broker)
        {
            evidence.Add(true, "not shown, because mosquitto, mosquitto_sub and mosquitto_pub are not installed here");
            return;
        }

        await broker.BecomeReadyAsync(cancellationToken);
        var receiving = MosquittoPrograms.ReceiveAsync(stage.Users.Sidecar.Tunnel, Topic, cancellationToken);
        var published = await MosquittoPrograms.PublishAsync(stage.Users.Sidecar.Tunnel, Topic, Message, cancellationToken);
        evidence.Add(published.Length == 0, $"mosquitto_pub published {(published.Length == 0 ? $"\"{Message}\"" : published)}");
        var received = await receiving;
        evidence.Add(received == Message, $"mosquitto_sub received \"{received}\"");

        await Patience.UntilAsync("both connections in the log of sidecar orders", () => OfUsers() == 2, cancellationToken);
        evidence.Add(true, $"sidecar orders logged both tunnel connections as {stage.Users.Workload.SpiffeId}");

        int OfUsers() => stage.Orders.Sidecar.Log.Of("TunnelClosed").Count(line => line["Peer"]?.Contains(stage.Users.Workload.SpiffeId, StringComparison.Ordinal) == true);
    }
}
