using Microsoft.AspNetCore.Http;
using MtlsSidecar.Proxy.Forwarding;

namespace MtlsSidecar.Proxy.Tests.Forwarding;

/// <summary>An answer counts as whole at its end and not before: what breaks off earlier must be told the caller.</summary>
public sealed class EndOfAnswerTests
{
    [Fact]
    public async Task EndOfTheBody_MakesTheAnswerWhole()
    {
        var context = new DefaultHttpContext();
        using var exchange = Exchanges.Outbound();
        using var body = new PromptStream(new MemoryStream([1, 2, 3]), context.Response, exchange);

        // As YARP reads: first with an empty buffer.
        (await body.ReadAsync(Memory<byte>.Empty)).Should().Be(0);
        (await body.ReadAsync(new byte[10])).Should().Be(3);
        (await body.ReadAsync(Memory<byte>.Empty)).Should().Be(0);
        exchange.AnswerIsWhole.Should().BeFalse("more may come");

        (await body.ReadAsync(new byte[10])).Should().Be(0);
        exchange.AnswerIsWhole.Should().BeTrue();
    }
}
