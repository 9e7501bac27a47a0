using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using MtlsSidecar.TestKit.Brokers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>Real brokers and databases with their own clients, each through two sidecars. A rotation and a reload in the middle disturb none.</summary>
public sealed class BrokerTests(BrokerTests.Fixture fixture) : IClassFixture<BrokerTests.Fixture>, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly WorkloadPki _pki = new();

    public void Dispose() => _pki.Dispose();

    [Fact]
    public async Task Amqp_LosesNoMessageAndDoublesNone()
    {
        const int Messages = 10_000;
        var (broker, _) = await fixture.RabbitMqAsync();
        await using var pair = await TunnelPair.StartAsync(_pki, broker.Address);
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

        for (var message = 0; message < Messages; message += 100)
        {
            if (message == Messages / 2)
            {
                await DisturbAsync(pair);
            }

            await Task.WhenAll(Enumerable.Range(message, 100).Select(number =>
                publisher.BasicPublishAsync("", queue, Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture))).AsTask()));
        }

        await all.Task.WaitAsync(Limit);
        received.Order().Should().Equal(Enumerable.Range(0, Messages));
    }

    [Fact]
    public async Task Stomp_DeliversWhatWasSent()
    {
        var (_, stomp) = await fixture.RabbitMqAsync();
        await using var pair = await TunnelPair.StartAsync(_pki, $"tcp://127.0.0.1:{stomp}");
        await using var client = await pair.ConnectAsync();

        await client.SendAsync("CONNECT\naccept-version:1.2\nhost:/\nlogin:guest\npasscode:guest\n\n\0");
        (await client.ReadUntilAsync("\0")).Should().StartWith("CONNECTED");
        await client.SendAsync("SUBSCRIBE\nid:0\ndestination:/queue/orders\nack:auto\n\n\0");
        await DisturbAsync(pair);
        await client.SendAsync("SEND\ndestination:/queue/orders\n\norder 7\0");

        (await client.ReadUntilAsync("order 7\0")).Should().Contain("MESSAGE");
    }

    [Fact]
    public async Task Mqtt_DeliversEachMessageOnceInOrder()
    {
        const int Messages = 1_000;
        await using var broker = await Mosquitto.StartAsync();
        await using var pair = await TunnelPair.StartAsync(_pki, broker.Address);
        await using var subscriber = ChildProcess.Start(Mosquitto.Subscribe(pair.Entry, "orders", Messages));
        await subscriber.Output.WaitForLineAsync(line => line.Contains("SUBACK", StringComparison.Ordinal), Limit);
        await using var publisher = ChildProcess.Start(Mosquitto.Publish(pair.Entry, "orders"));

        for (var message = 0; message < Messages; message++)
        {
            if (message == Messages / 2)
            {
                await publisher.Input.FlushAsync();
                await DisturbAsync(pair);
            }

            await publisher.Input.WriteLineAsync($"order {message}");
        }

        publisher.Input.Close();
        (await subscriber.WaitForExitAsync(Limit)).Should().Be(0);
        subscriber.Output.Snapshot().Where(line => line.StartsWith("order ", StringComparison.Ordinal))
            .Should().Equal(Enumerable.Range(0, Messages).Select(message => $"order {message}"));
    }

    [Fact]
    public async Task PostgreSql_CopiesAHundredMegabytesBothWays()
    {
        await using var database = await PostgreSql.StartAsync();
        await using var pair = await TunnelPair.StartAsync(_pki, database.Address);
        var file = _pki.Directory["rows.txt"];
        await using (var rows = File.CreateText(file))
        {
            var filling = new string('x', 990);
            for (var row = 0; row < 100_000; row++)
            {
                await rows.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{row:D8}\t{filling}\n"));
            }
        }

        var copy = await ChildProcess.RunAsync(PostgreSql.Client(pair.Entry, $"CREATE TABLE rows (id int, filling text);\n\\copy rows FROM '{file}'\n"), Limit);
        copy.ExitCode.Should().Be(0, copy.Error);
        await DisturbAsync(pair);
        var back = await ChildProcess.RunAsync(
            PostgreSql.Client(pair.Entry, $"\\copy (SELECT lpad(id::text, 8, '0'), filling FROM rows ORDER BY id) TO '{file}.back'\nSELECT count(*) FROM rows;\n"), Limit);

        back.Output.Trim().Should().Be("100000", back.Error);
        (await Sha256Async($"{file}.back")).Should().Equal(await Sha256Async(file));
    }

    [Fact]
    public async Task Redis_PipelinesAndPublishes()
    {
        const int Commands = 50_000;
        await using var server = await Redis.StartAsync();
        await using var pair = await TunnelPair.StartAsync(_pki, server.Address);
        var pipeline = new StringBuilder();
        for (var command = 0; command < Commands; command++)
        {
            pipeline.Append("*2\r\n$4\r\nINCR\r\n$7\r\ncounter\r\n");
        }

        var piped = await ChildProcess.RunAsync(Redis.Client(pair.Entry, "--pipe") with { Input = pipeline.ToString() }, Limit);
        piped.Output.Should().Contain($"errors: 0, replies: {Commands}");

        await using var subscriber = await pair.ConnectAsync();
        await subscriber.SendAsync("SUBSCRIBE orders\r\n");
        await subscriber.ReadUntilAsync(":1\r\n");
        await DisturbAsync(pair);
        (await ChildProcess.RunAsync(Redis.Client(pair.Entry, "PUBLISH", "orders", "order 7"))).Output.Trim().Should().Be("1");
        (await subscriber.ReadUntilAsync("order 7\r\n")).Should().Contain("message");
        (await ChildProcess.RunAsync(Redis.Client(pair.Entry, "GET", "counter"))).Output.Trim().Should().Be(Commands.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Both sidecars get new certificates, and the called one a new policy.</summary>
    private async Task DisturbAsync(TunnelPair pair)
    {
        _pki.Issue("orders");
        _pki.Issue("web");
        pair.Orders.ReplaceSettings(settings => settings.Policy(new
        {
            Name = "more",
            Action = "Allow",
            Rules = new[] { new { From = new[] { new { Principals = new[] { WorkloadPki.SpiffeId("users") } } } } },
        }));
        await Task.WhenAll(WaitForAsync(pair.Orders, "identity"), WaitForAsync(pair.Web, "identity"), WaitForAsync(pair.Orders, "configuration"));

        static Task WaitForAsync(SidecarProcess sidecar, string what) => sidecar.Log.WaitForAsync(line => line.Event == "Reloaded" && line["What"] == what);
    }

    private static async Task<byte[]> Sha256Async(string file)
    {
        await using var stream = File.OpenRead(file);
        return await System.Security.Cryptography.SHA256.HashDataAsync(stream);
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
