using Serilog.Core;
using Serilog.Events;

namespace MtlsSidecar.Logging;

/// <summary>Hands events to the sinks that the configuration names.</summary>
internal sealed class LoggerOutput(Logger logger) : ILogOutput
{
    public void Write(LogEvent logEvent) => logger.Write(logEvent);

    public void Flush()
    {
    }

    public void Dispose() => logger.Dispose();
}
