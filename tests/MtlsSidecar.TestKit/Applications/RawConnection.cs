using System.Net.Sockets;
using System.Text;

namespace MtlsSidecar.TestKit.Applications;

/// <summary>One connection of a <see cref="RawApplication"/>.</summary>
public sealed class RawConnection(Socket socket, BytesReceived record, CancellationToken stopping) : IDisposable
{
    private readonly StringBuilder _pending = new();

    /// <summary>Cancelled when the application ends.</summary>
    public CancellationToken Stopping => stopping;

    /// <summary>The next request's head up to and without its empty line, or null at the end of the connection.</summary>
    public async Task<string?> ReadHeadAsync()
    {
        while (true)
        {
            var text = _pending.ToString();
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                _pending.Remove(0, end + 4);
                return text[..end];
            }

            if (!await ReadMoreAsync())
            {
                return null;
            }
        }
    }

    /// <summary>Reads until the peer closes.</summary>
    public async Task ReadToEndAsync()
    {
        while (await ReadMoreAsync())
        {
        }
    }

    public async Task WriteAsync(string text)
    {
        await socket.SendAsync(Encoding.Latin1.GetBytes(text), stopping);
    }

    /// <summary>Closes with a TCP reset instead of an orderly end.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    public void Dispose() => socket.Dispose();

    private async Task<bool> ReadMoreAsync()
    {
        var buffer = new byte[16 * 1024];
        var read = await socket.ReceiveAsync(buffer, stopping);
        record(buffer.AsSpan(0, read));
        _pending.Append(Encoding.Latin1.GetString(buffer, 0, read));
        return read > 0;
    }
}
