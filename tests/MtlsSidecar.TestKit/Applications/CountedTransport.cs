using System.IO.Pipelines;

namespace MtlsSidecar.TestKit.Applications;

/// <summary>A connection whose received bytes are counted before the server parses any of them.</summary>
internal sealed class CountedTransport(IDuplexPipe inner, Action<int> count) : IDuplexPipe
{
    public PipeReader Input { get; } = PipeReader.Create(new CountingStream(inner.Input.AsStream(), count));

    public PipeWriter Output => inner.Output;
}
