using Microsoft.AspNetCore.Http;
using MtlsSidecar.Proxy.Forwarding;

namespace MtlsSidecar.Proxy.Tests.Forwarding;

/// <summary>A read that is under way fills a buffer that somebody else gets when we return: it must be over by then, whatever goes wrong beside it.</summary>
public sealed class PendingReadTests
{
    private readonly PendingStream _source = new();

    [Fact]
    public async Task FlushOfARequestThatFailsUnforeseen_LeavesNoReadBehind()
    {
        using var timer = new ExchangeTimer(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), TimeProvider.System, mayBeSilent: false, CancellationToken.None);
        using var body = new ObservedBody(_source, timer);
        body.FlushBeforeWaiting(new BrokenStream());

        await ReadAsync(body);
    }

    [Fact]
    public async Task FlushOfAnAnswerThatFailsUnforeseen_LeavesNoReadBehind()
    {
        var context = new DefaultHttpContext();
        context.Response.Body = new BrokenStream();
        using var exchange = Exchanges.Outbound();
        using var body = new PromptStream(_source, context.Response, exchange);

        await ReadAsync(body);
    }

    private async Task ReadAsync(Stream body)
    {
        var read = body.ReadAsync(new byte[10]).AsTask();
        read.IsCompleted.Should().BeFalse("the read is under way");
        _source.Arrived.SetResult(3);

        (await read).Should().Be(3);
    }

    private sealed class PendingStream : MemoryStream
    {
        public TaskCompletionSource<int> Arrived { get; } = new();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Arrived.Task);
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override Task FlushAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("defect");
    }
}
