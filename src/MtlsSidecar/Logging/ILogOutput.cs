using Serilog.Events;

namespace MtlsSidecar.Logging;

/// <summary>Where log events end up. Used by one thread at a time, and may take its time.</summary>
internal interface ILogOutput : IDisposable
{
    /// <summary>Takes an event; may hold it back until <see cref="Flush"/>.</summary>
    void Write(LogEvent logEvent);

    /// <summary>Lets out what was held back.</summary>
    void Flush();
}
