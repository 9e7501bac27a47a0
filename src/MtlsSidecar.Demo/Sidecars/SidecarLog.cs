namespace MtlsSidecar.Demo.Sidecars;

/// <summary>The last lines that a sidecar wrote.</summary>
internal sealed class SidecarLog
{
    private const int Capacity = 2_000;
    private readonly Queue<LogLine> _lines = new(Capacity);

    /// <summary>Reads a stream of the sidecar to its end.</summary>
    public async Task FollowAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } text)
        {
            var line = LogLine.Parse(text);
            lock (_lines)
            {
                if (_lines.Count == Capacity)
                {
                    _lines.Dequeue();
                }

                _lines.Enqueue(line);
            }
        }
    }

    /// <summary>The lines of an event, oldest first.</summary>
    public IReadOnlyList<LogLine> Of(string eventName)
    {
        lock (_lines)
        {
            return [.. _lines.Where(line => line.Event == eventName)];
        }
    }

    /// <summary>The last lines, oldest first.</summary>
    public IReadOnlyList<LogLine> Tail(int count)
    {
        lock (_lines)
        {
            return [.. _lines.TakeLast(count)];
        }
    }
}
