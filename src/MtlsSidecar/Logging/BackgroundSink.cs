using System.Threading.Channels;
using Serilog.Core;
using Serilog.Debugging;
using Serilog.Events;
using Serilog.Parsing;

namespace MtlsSidecar.Logging;

/// <summary>
/// Keeps logging off the path of requests: events wait in a bounded queue for one thread of their own. When the queue is full because
/// nobody reads standard output, new events are dropped and counted; a proxy that waits for its log would be stopped by it.
/// </summary>
internal sealed class BackgroundSink : ILogEventSink, IDisposable
{
    /// <summary>Events that may wait: some 10 MiB, a second of a busy sidecar.</summary>
    public const int DefaultCapacity = 10_000;

    private static readonly TimeSpan DefaultFlushTimeout = TimeSpan.FromSeconds(2);
    private static readonly MessageTemplate DroppedTemplate = new MessageTemplateParser().Parse("{Dropped} log lines were dropped");

    private readonly Channel<LogEvent> _queue;
    private readonly ILogOutput _output;
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _flushTimeout;
    private readonly Thread _worker;
    private long _dropped;
    private long _reported;

    public BackgroundSink(ILogOutput output, TimeProvider timeProvider, int capacity = DefaultCapacity, TimeSpan? flushTimeout = null)
    {
        _output = output;
        _timeProvider = timeProvider;
        _flushTimeout = flushTimeout ?? DefaultFlushTimeout;
        _queue = Channel.CreateBounded<LogEvent>(new BoundedChannelOptions(capacity) { SingleReader = true });

        // A background thread: stuck in a write to a full pipe it must not keep the process alive.
        _worker = new Thread(Work) { IsBackground = true, Name = "log" };
        _worker.Start();
    }

    /// <summary>How many events were dropped since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Queues an event; never waits and never throws.</summary>
    public void Emit(LogEvent logEvent)
    {
        if (!_queue.Writer.TryWrite(logEvent))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Writes out what waits, for a bounded time.</summary>
    public void Dispose()
    {
        _queue.Writer.TryComplete();
        if (_worker.Join(_flushTimeout))
        {
            _output.Dispose();
        }
    }

    private void Work()
    {
        var reader = _queue.Reader;
        do
        {
            while (reader.TryRead(out var logEvent))
            {
                Attempt(() => _output.Write(logEvent));
            }

            ReportDropped();
            Attempt(_output.Flush);
        }
        while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult());
    }

    private void ReportDropped()
    {
        var dropped = Dropped;
        if (dropped == _reported)
        {
            return;
        }

        var property = new LogEventProperty("Dropped", new ScalarValue(dropped - _reported));
        _reported = dropped;
        Attempt(() => _output.Write(new LogEvent(_timeProvider.GetUtcNow(), LogEventLevel.Warning, null, DroppedTemplate, [property])));
    }

    /// <summary>A full disk or a broken sink loses lines, never the sidecar.</summary>
    private void Attempt(Action action)
    {
        try
        {
            action();
        }
#pragma warning disable CA1031 // Sinks are foreign code and may throw anything.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Interlocked.Increment(ref _dropped);
            SelfLog.WriteLine("A log event was lost: {0}", exception);
        }
    }
}
