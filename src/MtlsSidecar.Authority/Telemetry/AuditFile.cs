using MtlsSidecar.Authority.Storage;
using Serilog;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Json;

namespace MtlsSidecar.Authority.Telemetry;

/// <summary>
/// The audit trail of a data directory: <c>audit.log</c>, one JSON object a line, appended to by server and commands alike. Whoever owns
/// the disk can change it; ship it elsewhere to hold it against them.
/// </summary>
internal sealed class AuditFile : IDisposable
{
    private readonly Serilog.Core.Logger _logger;
    private readonly SerilogLoggerFactory _factory;

    public AuditFile(DataDirectory data)
    {
        _logger = new LoggerConfiguration()
            .WriteTo.File(new JsonFormatter(renderMessage: true), data.AuditFile, shared: true, fileSizeLimitBytes: null)
            .CreateLogger();
        _factory = new SerilogLoggerFactory(_logger);
        Logger = _factory.CreateLogger(AuditLog.Category);
    }

    /// <summary>Writes to the file.</summary>
    public Microsoft.Extensions.Logging.ILogger Logger { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _factory.Dispose();
        _logger.Dispose();
    }
}
