using System.Buffers.Binary;
using System.Net.Sockets;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>
/// Kafka's framing (its protocol guide, "Protocol Primitive Types" and "Request Header"): a four-byte length, then API key, version and
/// correlation ID. The sidecars are those of the documentation's page; the broker is a fake, which answers every request with its correlation ID and its own bytes, in order.
/// </summary>
public sealed class KafkaFramingTests(KafkaFramingTests.Fixture fixture) : IClassFixture<KafkaFramingTests.Fixture>
{
    private const short Produce = 0;
    private const int HeaderLength = 8;

    [Fact]
    public async Task PipelinedRequests_AreAnsweredInOrderHoweverTheyAreCut()
    {
        await using var client = await fixture.Pair.ConnectAsync();
        var sizes = Enumerable.Range(0, 300).Select(index => index * 97 % 40_000).ToArray();
        var sending = SendAsync(client, sizes);

        for (var correlation = 0; correlation < sizes.Length; correlation++)
        {
            var answer = await ReadFrameAsync(client.Stream);

            BinaryPrimitives.ReadInt32BigEndian(answer).Should().Be(correlation);
            answer.Length.Should().Be(sizeof(int) + sizes[correlation]);
            answer.AsSpan(sizeof(int)).IndexOfAnyExcept((byte)correlation).Should().Be(-1);
        }

        await sending;
    }

    private static async Task SendAsync(WireConnection client, int[] sizes)
    {
        using var requests = new MemoryStream();
        for (var correlation = 0; correlation < sizes.Length; correlation++)
        {
            var frame = new byte[sizeof(int) + HeaderLength + sizes[correlation]];
            BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - sizeof(int));
            BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(4), Produce);
            BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(6), 9);
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(8), correlation);
            frame.AsSpan(12).Fill((byte)correlation);
            requests.Write(frame);
        }

        // Cut anywhere, in the middle of a length as well.
        var bytes = requests.ToArray();
        for (var (sent, size) = (0, 1); sent < bytes.Length; sent += size, size = (size * 7 + 3) % 30_011 + 1)
        {
            await client.Stream.WriteAsync(bytes.AsMemory(sent, Math.Min(size, bytes.Length - sent)));
        }
    }

    private static async Task<byte[]> ReadFrameAsync(Stream stream)
    {
        var length = new byte[sizeof(int)];
        await stream.ReadExactlyAsync(length);
        var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await stream.ReadExactlyAsync(frame);
        return frame;
    }

    public sealed class Fixture : TunnelFixture
    {
        public Fixture() => Application.Serve(AnswerAsync);

        protected override Task<TunnelPair> StartAsync() => TunnelPair.StartDocumentedAsync(Pki, "tunnels/kafka.md", "kafka-1", Application.Address);

        private static async Task AnswerAsync(Socket socket)
        {
            await using var stream = new NetworkStream(socket);
            while (true)
            {
                var request = await ReadFrameAsync(stream);
                var answer = new byte[sizeof(int) + sizeof(int) + request.Length - HeaderLength];
                BinaryPrimitives.WriteInt32BigEndian(answer, answer.Length - sizeof(int));
                request.AsSpan(sizeof(int)).CopyTo(answer.AsSpan(sizeof(int)));
                await stream.WriteAsync(answer);
            }
        }
    }
}
