using System.Diagnostics;

namespace MtlsSidecar.Demo.Clients;

/// <summary>A long-lived answer that is read as it comes.</summary>
internal sealed class EventStream
{
    private int _events;

    private EventStream()
    {
    }

    /// <summary>How many events have come.</summary>
    public int Events => Volatile.Read(ref _events);

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => Ended.IsCompleted;

    /// <summary>Completes, with the timestamp, when nothing comes any more.</summary>
    public Task<long> Ended { get; private set; } = Task.FromResult(0L);

    /// <summary>Reads a stream on and on, from its first event.</summary>
    public static async Task<EventStream> OpenAsync(Stream content, CancellationToken cancellationToken)
    {
        var stream = new EventStream();
        stream.Ended = stream.ReadAsync(content, cancellationToken);
        await Patience.UntilAsync("the first event of a stream", () => stream.Events > 0 || stream.HasEnded, cancellationToken);
        return stream;
    }

    private async Task<long> ReadAsync(Stream content, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = new StreamReader(content);
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line.StartsWith("data:", StringComparison.Ordinal))
                {
                    Interlocked.Increment(ref _events);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException)
        {
            // Cut, or not wanted any more: an end like any other.
        }

        return Stopwatch.GetTimestamp();
    }
}
