using MtlsSidecar.Logging;

namespace MtlsSidecar.Tests.Logging;

[Collection("Serilog")]
public sealed class BackgroundSinkTests
{
    /// <summary>For its thread to write out what waits, on a busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task OutputThatNobodyReads_StopsNobodyAndLosesAreTold()
    {
        var output = new BlockingOutput();
        using var sink = new BackgroundSink(output, TimeProvider.System, capacity: 10, flushTimeout: Patience);
        sink.Emit(LogEvents.Create("first"));
        await output.Blocked;

        for (var count = 0; count < 25; count++)
        {
            sink.Emit(LogEvents.Create("more"));
        }

        sink.Dropped.Should().Be(15);
        output.Release();
        sink.Dispose();
        output.Written.Should().HaveCount(12).And.EndWith("15 log lines were dropped");
    }

    [Fact]
    public async Task OutputStuckAtTheEnd_DoesNotHoldUpTheEnd()
    {
        var output = new BlockingOutput();
        var sink = new BackgroundSink(output, TimeProvider.System, flushTimeout: TimeSpan.FromMilliseconds(50));
        sink.Emit(LogEvents.Create("first"));
        await output.Blocked;

        await Task.Run(sink.Dispose).WaitAsync(TimeSpan.FromSeconds(30));

        output.Written.Should().BeEmpty();
        output.Release();
    }

    [Fact]
    public void Disposing_WritesOutEverythingThatWaits()
    {
        using var stream = new MemoryStream();
        var sink = new BackgroundSink(new JsonStreamOutput(stream), TimeProvider.System, flushTimeout: Patience);
        for (var count = 0; count < 5_000; count++)
        {
            sink.Emit(LogEvents.Create("line {Number}", ("Number", count)));
        }

        sink.Dispose();

        var lines = System.Text.Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Should().HaveCount(5_000);
        lines[^1].Should().Contain("line 4999");
    }

    [Fact]
    public async Task LineOnAQuietSidecar_IsOutAtOnce()
    {
        await using var stream = new NotifyingStream();
        using var sink = new BackgroundSink(new JsonStreamOutput(stream), TimeProvider.System);

        sink.Emit(LogEvents.Create("only"));

        await stream.Flushed.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void BrokenOutput_LosesLinesAndNothingElse()
    {
        var stream = new BrokenStream();
        var sink = new BackgroundSink(new JsonStreamOutput(stream), TimeProvider.System, flushTimeout: Patience);

        sink.Emit(LogEvents.Create("lost"));
        sink.Dispose();
        sink.Emit(LogEvents.Create("late"));

        sink.Dropped.Should().Be(2);
    }

    private sealed class NotifyingStream : MemoryStream
    {
        private readonly TaskCompletionSource _flushed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Flushed => _flushed.Task;

        public override void Flush() => _flushed.TrySetResult();
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("no space left on device");
    }
}
