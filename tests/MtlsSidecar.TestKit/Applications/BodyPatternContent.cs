using System.Net;
using System.Net.Http.Headers;

namespace MtlsSidecar.TestKit.Applications;

/// <summary>A request body of <see cref="BodyPattern"/>, sent with its length or chunked.</summary>
public sealed class BodyPatternContent : HttpContent
{
    private readonly long _bytes;
    private readonly bool _chunked;

    public BodyPatternContent(long bytes, bool chunked = false)
    {
        (_bytes, _chunked) = (bytes, chunked);
        Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var block = new byte[64 * 1024];
        for (var sent = 0L; sent < _bytes; sent += block.Length)
        {
            BodyPattern.Fill(block, sent);
            await stream.WriteAsync(block.AsMemory(0, (int)Math.Min(block.Length, _bytes - sent)));
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _bytes;
        return !_chunked;
    }
}
