using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.TestKit.Sidecar;

/// <summary>The log that a running daemon writes to its standard output.</summary>
public sealed class SidecarLog(OutputLines lines)
{
    /// <summary>A place to read on from, so that a test sees only what its own action caused.</summary>
    public int Position => lines.Count;

    public IEnumerable<LogLine> Lines(int from = 0) =>
        lines.Snapshot(from).Select(text => LogLine.TryParse(text, out var line) ? line : null).OfType<LogLine>();

    /// <summary>Waits for a line for which the predicate holds.</summary>
    public async Task<LogLine> WaitForAsync(Func<LogLine, bool> predicate, int from = 0, TimeSpan? timeout = null)
    {
        LogLine? found = null;
        await lines.WaitForLineAsync(
            text => LogLine.TryParse(text, out var line) && predicate(found = line), timeout ?? Eventually.DefaultTimeout, from);
        return found!;
    }

    /// <summary>Waits for the line of an event with this name.</summary>
    public Task<LogLine> WaitForEventAsync(string name, int from = 0, TimeSpan? timeout = null) =>
        WaitForAsync(line => line.Event == name, from, timeout);

    /// <summary>Waits for the line that says that a peer was refused for this reason.</summary>
    public Task<LogLine> WaitForRefusalAsync(string reason, int from = 0) => WaitForAsync(line => line["Reason"] == reason, from);
}
