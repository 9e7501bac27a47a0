using System.Net;
using System.Text;
using System.Threading.Channels;

namespace MtlsSidecar.TestKit.Peers;

/// <summary>A request body that the test sends piece by piece while it reads the answer.</summary>
public sealed class DuplexContent : HttpContent
{
    private readonly Channel<byte[]> _pieces = Channel.CreateUnbounded<byte[]>();

    public ValueTask SendAsync(string piece) => _pieces.Writer.WriteAsync(Encoding.ASCII.GetBytes(piece));

    /// <summary>Ends the body.</summary>
    public void Complete() => _pieces.Writer.Complete();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.FlushAsync(cancellationToken);
        await foreach (var piece in _pieces.Reader.ReadAllAsync(cancellationToken))
        {
            await stream.WriteAsync(piece, cancellationToken);
            await stream.FlushAsync(cancellationToken);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
