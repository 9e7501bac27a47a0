using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MtlsSidecar.TestKit.Brokers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>
/// Real brokers and databases with their own clients, each through two sidecars that are configured as the documentation shows. While each works, both
/// sidecars get new certificates and the called one a new policy, and nobody notices: bytes flow from before that begins until after its end.
/// </summary>
public sealed class BrokerTests(BrokerTests.Fixture fixture) : IClassFixture<BrokerTests.Fixture>, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);
    private readonly WorkloadPki _pki = new();
    private int _disturbances;

    public void Dispose() => _pki.Dispose();

    [Fact]
    public async Task Amqp_LosesNoMessageAndDoublesNone()
    {
        const int Messages = 10_000;
        var (broker, _) = await fixture.RabbitMqAsync();
        await using var pair = await TunnelPair.StartDocumentedAsync(_pki, "tunnels/amqp-stomp.md", "amqp", broker.Address);
        var factory = new ConnectionFactory { HostName = "127.0.0.1", Port = pair.Entry, AutomaticRecoveryEnabled = false };
        await using var connection = await factory.CreateConnectionAsync();
        await using var subscriber = await connection.CreateChannelAsync();
        var queue = (await subscriber.QueueDeclareAsync()).QueueName;
        var received = new ConcurrentQueue<int>();
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var consumer = new AsyncEventingBasicConsumer(subscriber);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            received.Enqueue(int.Parse(Encoding.ASCII.GetString(delivery.Body.Span), CultureInfo.InvariantCulture));
            if (received.Count == Messages)
            {
                all.SetResult();
            }

            return Task.CompletedTask;
        };
        await subscriber.BasicConsumeAsync(queue, autoAck: true, consumer);
        await using var publisher = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));

        await WhileDisturbedAsync(pair, Messages / 100, batch => Task.WhenAll(Enumerable.Range(batch * 100, 100).Select(number =>
            publisher.BasicPublishAsync("", queue, Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture))).AsTask())));

        await all.Task.WaitAsync(Limit);
        received.Order().Should().Equal(Enumerable.Range(0, Messages));
    }

    [Fact]
    public async Task BrokerThatReadsOurHeader_ShowsThePeersAddress()
    {
        var (broker, _) = await RabbitMq.StartAsync(expectsProxyHeader: true);
        await using var _broker = broker;
        await using var pair = await TunnelPair.StartDocumentedAsync(
            _pki, "tunnels/amqp-stomp.md", "amqp", broker.Address, orders => orders.Set("Tunnels:amqp-in:ProxyProtocol", "V2"));
        var factory = new ConnectionFactory { HostName = "127.0.0.1", Port = pair.Entry, AutomaticRecoveryEnabled = false };
        await using var connection = await factory.CreateConnectionAsync();

        var shown = (await RabbitMq.ConnectionsAsync(broker)).Split('\t', '\n');

        var remote = (await pair.Orders.PeersAsync()).GetProperty("peers")[0].GetProperty("remote").GetString()!;
        shown[..2].Should().Equal(remote.Split(':'));
    }

    [Fact]
    public async Task Stomp_DeliversWhatWasSent()
    {
        const int Messages = 500;
        var (_, stomp) = await fixture.RabbitMqAsync();
        await using var pair = await TunnelPair.StartDocumentedAsync(_pki, "tunnels/amqp-stomp.md", "stomp", $"tcp://127.0.0.1:{stomp}");
        await using var client = await pair.ConnectAsync();
        await client.SendAsync("CONNECT\naccept-version:1.2\nhost:/\nlogin:guest\npasscode:guest\n\n\0");
        (await client.ReadUntilAsync("\0")).Should().StartWith("CONNECTED");
        await client.SendAsync("SUBSCRIBE\nid:0\ndestination:/queue/orders\nack:auto\n\n\0");

        await WhileDisturbedAsync(pair, Messages, async message =>
        {
            await client.SendAsync($"SEND\ndestination:/queue/orders\n\norder {message}\0");
            (await client.ReadUntilAsync($"order {message}\0")).Should().Contain("MESSAGE");
        });
    }

    [Fact]
    public async Task Mqtt_DeliversEachMessageOnceInOrder()
    {
        const int Messages = 2_000;
        await using var broker = await Mosquitto.StartAsync();
        await using var pair = await TunnelPair.StartDocumentedAsync(_pki, "tunnels/mqtt.md", "mqtt", broker.Address);
        await using var subscriber = ChildProcess.Start(Mosquitto.Subscribe(pair.Entry, "orders", Messages));
        await subscriber.Output.WaitForLineAsync(line => line.Contains("SUBACK", StringComparison.Ordinal), Limit);
        await using var publisher = ChildProcess.Start(Mosquitto.Publish(pair.Entry, "orders"));

        await WhileDisturbedAsync(pair, Messages, async message =>
        {
            // Line by line and each to its end, so that they go while the sidecars change and not all before.
            await publisher.Input.WriteLineAsync($"order {message}");
            await publisher.Input.FlushAsync();
            await subscriber.Output.WaitForLineAsync(line => line == $"order {message}", Limit, Math.Max(0, message - 1));
        });

        publisher.Input.Close();
        (await subscriber.WaitForExitAsync(Limit)).Should().Be(0);
        subscriber.Output.Snapshot().Where(line => line.StartsWith("order ", StringComparison.Ordinal))
            .Should().Equal(Enumerable.Range(0, Messages).Select(message => $"order {message}"));
    }

    [Fact]
    public async Task PostgreSql_CopiesAHundredMegabytesBothWays()
    {
        const int Rows = 100_000;
        const int RowsInAPart = 1_000;
        await using var database = await PostgreSql.StartAsync();
        await using var pair = await TunnelPair.StartDocumentedAsync(_pki, "tunnels/postgresql.md", "postgres", database.Address);
        using var there = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var back = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var filling = new string('x', 990);

        await using var copy = ChildProcess.Start(PostgreSql.Client(pair.Entry, sql: null, "-c", "CREATE TABLE rows (id int, filling text)", "-c", "COPY rows FROM STDIN"));
        await WhileDisturbedAsync(pair, Rows / RowsInAPart, async part =>
        {
            for (var row = part * RowsInAPart; row < (part + 1) * RowsInAPart; row++)
            {
                var line = string.Create(CultureInfo.InvariantCulture, $"{row:D8}\t{filling}\n");
                there.AppendData(Encoding.ASCII.GetBytes(line));
                await copy.Input.WriteAsync(line);
            }
        });
        copy.Input.Close();
        (await copy.WaitForExitAsync(Limit)).Should().Be(0, copy.Error.ToString());

        // Through a pipe, so that the test's own pace is felt all the way back to the database.
        var pipe = _pki.Directory["rows"];
        (await ChildProcess.RunAsync(new ProcessStart("mkfifo", pipe))).ExitCode.Should().Be(0);
        await using var copyBack = ChildProcess.Start(
            PostgreSql.Client(pair.Entry, "", "-o", pipe, "-c", "COPY (SELECT lpad(id::text, 8, '0'), filling FROM rows ORDER BY id) TO STDOUT"));
        using var reader = await Task.Run(() => new StreamReader(pipe)).WaitAsync(Limit);
        await WhileDisturbedAsync(pair, Rows / RowsInAPart, async _ =>
        {
            for (var row = 0; row < RowsInAPart; row++)
            {
                back.AppendData(Encoding.ASCII.GetBytes(await reader.ReadLineAsync() + "\n"));
            }
        });
        (await reader.ReadToEndAsync()).Should().BeEmpty();
        (await copyBack.WaitForExitAsync(Limit)).Should().Be(0, copyBack.Error.ToString());
        back.GetHashAndReset().Should().Equal(there.GetHashAndReset());
    }

    [Fact]
    public async Task Redis_PipelinesAndPublishes()
    {
        const int Commands = 50_000;
        const int CommandsInAPart = 100;
        await using var server = await Redis.StartAsync();
        await using var pair = await TunnelPair.StartDocumentedAsync(_pki, "tunnels/redis.md", "redis", server.Address);
        await using var subscriber = await pair.ConnectAsync();
        await subscriber.SendAsync("SUBSCRIBE orders\r\n");
        await subscriber.ReadUntilAsync(":1\r\n");
        await using var piped = ChildProcess.Start(Redis.Client(pair.Entry, "--pipe"));
        await using var publisher = await pair.ConnectAsync();

        await WhileDisturbedAsync(pair, Commands / CommandsInAPart, async part =>
        {
            for (var command = 0; command < CommandsInAPart; command++)
            {
                await piped.Input.WriteAsync("*2\r\n$4\r\nINCR\r\n$7\r\ncounter\r\n");
            }

            await publisher.SendAsync($"PUBLISH orders order-{part}\r\n");
            (await publisher.ReadUntilAsync("\r\n")).Should().Be(":1\r\n");
            (await subscriber.ReadUntilAsync($"order-{part}\r\n")).Should().Contain("message");
        });

        piped.Input.Close();
        (await piped.WaitForExitAsync(Limit)).Should().Be(0);
        piped.Output.ToString().Should().Contain($"errors: 0, replies: {Commands}");
        (await ChildProcess.RunAsync(Redis.Client(pair.Entry, "GET", "counter"))).Output.Trim().Should().Be(Commands.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// Does the parts of a piece of work one after the other. When some are done both sidecars begin to change, and before the last ones are done
    /// they must have: whatever lies between goes on while they do.
    /// </summary>
    private async Task WhileDisturbedAsync(TunnelPair pair, int parts, Func<int, Task> doPart)
    {
        var disturbing = Task.CompletedTask;
        for (var part = 0; part < parts; part++)
        {
            if (part == parts / 10)
            {
                disturbing = DisturbAsync(pair);
            }
            else if (part == parts * 9 / 10)
            {
                await disturbing;
            }

            await doPart(part).WaitAsync(Limit);

            // Not faster than that, or all would be over before the sidecars have seen the new files.
            await Task.WhenAny(disturbing, Task.Delay(Pace));
        }

        foreach (var sidecar in new[] { pair.Orders, pair.Web })
        {
            sidecar.Log.Lines().Should().NotContain(line => line.Event == "Closing" || line.Event == "RequestsDenied");
        }
    }

    /// <summary>Both sidecars get new certificates, and the called one a new policy.</summary>
    private async Task DisturbAsync(TunnelPair pair)
    {
        var (orders, web) = (pair.Orders.Log.Position, pair.Web.Log.Position);
        _pki.Issue(pair.Orders.Settings.Text("Name")!);
        _pki.Issue("web");
        pair.Orders.ReplaceSettings(settings => settings.Policy(new
        {
            Name = $"more-{++_disturbances}",
            Action = "Allow",
            Rules = new[] { new { From = new[] { new { Principals = new[] { WorkloadPki.SpiffeId("users") } } } } },
        }));
        await Task.WhenAll(WaitForAsync(pair.Orders, orders, "identity"), WaitForAsync(pair.Web, web, "identity"), WaitForAsync(pair.Orders, orders, "configuration"));

        static Task WaitForAsync(SidecarProcess sidecar, int from, string what)
            => sidecar.Log.WaitForAsync(line => line.Event == "Reloaded" && line["What"] == what, from);
    }

    /// <summary>One RabbitMQ for all tests that want one: it takes as long to start as all else.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        private Task<(LocalServer Server, int Stomp)>? _rabbitMq;

        public Task<(LocalServer Server, int Stomp)> RabbitMqAsync() => _rabbitMq ??= RabbitMq.StartAsync();

        public Task InitializeAsync() => Task.CompletedTask;

        public async Task DisposeAsync()
        {
            if (_rabbitMq is { IsCompletedSuccessfully: true })
            {
                await (await _rabbitMq).Server.DisposeAsync();
            }
        }
    }
}
