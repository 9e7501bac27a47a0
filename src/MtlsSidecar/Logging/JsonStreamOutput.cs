using Serilog.Events;

namespace MtlsSidecar.Logging;

/// <summary>Writes JSON lines to a stream, many at a time when many wait: one system call a line would cost more than the line.</summary>
internal sealed class JsonStreamOutput(Stream stream) : ILogOutput
{
    private const int FlushAfterBytes = 32 * 1024;
    private readonly JsonLines _lines = new();

    public void Write(LogEvent logEvent)
    {
        _lines.Add(logEvent);
        if (_lines.Written.Length >= FlushAfterBytes)
        {
            Flush();
        }
    }

    public void Flush()
    {
        if (_lines.Written.IsEmpty)
        {
            return;
        }

        try
        {
            stream.Write(_lines.Written);
            stream.Flush();
        }
        finally
        {
            // What could not be written is lost: kept, it would grow for as long as the disk stays full.
            _lines.Clear();
        }
    }

    public void Dispose()
    {
        _lines.Dispose();
        stream.Dispose();
    }
}
