namespace MtlsSidecar.TestKit.Processes;

/// <summary>The lines that a process has written so far; more arrive while it runs. Waiting looks at old lines first, then at each new one.</summary>
public sealed class OutputLines
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _changed = NewSignal();
    private bool _ended;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _lines.Count;
            }
        }
    }

    /// <summary>A copy of the lines from the given one on.</summary>
    public IReadOnlyList<string> Snapshot(int from = 0)
    {
        lock (_gate)
        {
            return _lines[Math.Min(from, _lines.Count)..];
        }
    }

    public override string ToString() => string.Join('\n', Snapshot());

    /// <summary>The first line from number <paramref name="from"/> on for which the predicate holds.</summary>
    /// <exception cref="TimeoutException">None came in time, or the process ended without one; the message has what it wrote.</exception>
    public async Task<string> WaitForLineAsync(Func<string, bool> predicate, TimeSpan timeout, int from = 0)
    {
        using var deadline = new CancellationTokenSource(timeout);
        for (var next = from; ;)
        {
            var (line, changed, ended) = Find(predicate, ref next);
            if (line is not null)
            {
                return line;
            }

            if (ended || !await ChangesAsync(changed, deadline.Token))
            {
                var why = ended ? "The process ended its output" : $"{timeout.TotalSeconds} s passed";
                throw new TimeoutException($"{why} without the awaited line. Last lines:\n{string.Join('\n', Snapshot().TakeLast(40))}");
            }
        }
    }

    internal async Task ReadAllAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            Signal(() => _lines.Add(line));
        }

        Signal(() => _ended = true);
    }

    private (string? Line, Task Changed, bool Ended) Find(Func<string, bool> predicate, ref int next)
    {
        lock (_gate)
        {
            for (; next < _lines.Count; next++)
            {
                if (predicate(_lines[next]))
                {
                    return (_lines[next], _changed.Task, _ended);
                }
            }

            return (null, _changed.Task, _ended);
        }
    }

    private void Signal(Action change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            change();
            (changed, _changed) = (_changed, NewSignal());
        }

        changed.SetResult();
    }

    private static async Task<bool> ChangesAsync(Task changed, CancellationToken deadline)
    {
        try
        {
            await changed.WaitAsync(deadline);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
