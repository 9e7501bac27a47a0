using System.Buffers.Binary;
using System.Text;

namespace MtlsSidecar.TestKit.Peers;

/// <summary>HTTP/2 by hand (RFC 9113): sends frames that no library would, and reads just enough of the answers.</summary>
public sealed class Http2Connection
{
    private const byte Headers = 1, ResetStream = 3, Settings = 4, GoAway = 7;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly Stream _stream;

    // A stream over TLS refuses a second write while one is under way: who sends and who reads, and acknowledges settings, may be two.
    private readonly SemaphoreSlim _sending = new(1);

    private Http2Connection(Stream stream)
    {
        _stream = stream;
    }

    /// <summary>The error code of the peer's GOAWAY, once one was read.</summary>
    public uint? GoAwayError { get; private set; }

    /// <summary>SETTINGS_MAX_CONCURRENT_STREAMS of the peer, once its settings were read.</summary>
    public uint? MaxConcurrentStreams { get; private set; }

    /// <summary>Sends preface and empty settings on a stream that already agreed on h2.</summary>
    public static async Task<Http2Connection> StartAsync(Stream stream)
    {
        var connection = new Http2Connection(stream);
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await connection.SendFrameAsync(Settings, 0, 0, []);
        return connection;
    }

    /// <summary>Sends a request without a body.</summary>
    public Task SendHeadersAsync(int streamId, string method, string path, string authority)
    {
        // Literals without indexing and without Huffman coding (RFC 7541 §6.2.2); 2, 4, 1 and 7 index the names in the static table.
        var block = new List<byte> { 0x87 };
        AppendLiteral(block, nameIndex: 2, method);
        AppendLiteral(block, nameIndex: 4, path);
        AppendLiteral(block, nameIndex: 1, authority);
        return SendFrameAsync(Headers, flags: 0x5, streamId, [.. block]);
    }

    public Task SendResetAsync(int streamId) => SendFrameAsync(ResetStream, 0, streamId, [0, 0, 0, 8]);

    /// <summary>Reads until the stream is answered, refused (0) or the connection ends (0). Of statuses it knows those of HPACK's static table.</summary>
    public async Task<int> ReadStatusAsync(int streamId)
    {
        while (await ReadFrameAsync() is { } frame)
        {
            if (frame.StreamId == streamId && frame.Type is Headers or ResetStream)
            {
                return frame.Type == Headers ? StatusOf(frame.Payload) : 0;
            }
        }

        return 0;
    }

    /// <summary>Reads frames until the peer closes the connection.</summary>
    public async Task ReadToEndAsync()
    {
        while (await ReadFrameAsync() is not null)
        {
        }
    }

    /// <summary>Reads the peer's first settings.</summary>
    public async Task ReadSettingsAsync()
    {
        while (MaxConcurrentStreams is null && await ReadFrameAsync() is not null)
        {
        }
    }

    private static int StatusOf(byte[] block) => (block.FirstOrDefault(octet => octet != 0x20 && octet != 0x3f) & 0x7f) switch
    {
        8 => 200,
        9 => 204,
        10 => 206,
        11 => 304,
        12 => 400,
        13 => 404,
        14 => 500,
        _ => -1,
    };

    private static void AppendLiteral(List<byte> block, byte nameIndex, string value)
    {
        var bytes = Encoding.Latin1.GetBytes(value);
        block.Add(nameIndex);
        block.Add(checked((byte)bytes.Length));
        block.AddRange(bytes);
    }

    private async Task SendFrameAsync(byte type, byte flags, int streamId, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8 | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), streamId);
        payload.CopyTo(frame, 9);
        await _sending.WaitAsync();
        try
        {
            await _stream.WriteAsync(frame);
            await _stream.FlushAsync();
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task<(byte Type, int StreamId, byte[] Payload)?> ReadFrameAsync()
    {
        using var deadline = new CancellationTokenSource(Limit);
        try
        {
            var head = new byte[9];
            await _stream.ReadExactlyAsync(head, deadline.Token);
            var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >>> 8];
            await _stream.ReadExactlyAsync(payload, deadline.Token);
            var (type, streamId) = (head[3], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)));
            await NoteAsync(type, head[4], payload);
            return (type, streamId, payload);
        }
        catch (IOException)
        {
            return null;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No HTTP/2 frame came for {Limit.TotalSeconds} s.");
        }
    }

    private async Task NoteAsync(byte type, byte flags, byte[] payload)
    {
        if (type == GoAway)
        {
            GoAwayError = BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(4));
        }
        else if (type == Settings && flags == 0)
        {
            for (var at = 0; at < payload.Length; at += 6)
            {
                if (BinaryPrimitives.ReadUInt16BigEndian(payload.AsSpan(at)) == 3)
                {
                    MaxConcurrentStreams = BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(at + 2));
                }
            }

            await SendFrameAsync(Settings, flags: 1, 0, []);
        }
    }
}
