using Serilog;
using Serilog.Formatting.Json;

namespace MtlsSidecar.Logging;

internal sealed class DaemonLogging : IAsyncDisposable
{
    private readonly Serilog.Core.Logger _logger;

    private DaemonLogging(Serilog.Core.Logger logger) => _logger = logger;

    public static DaemonLogging Create(IConfiguration settings)
    {
        _ = settings;
        return new(new LoggerConfiguration().WriteTo.Console(new JsonFormatter()).CreateLogger());
    }

    public void AddTo(ILoggingBuilder logging) => logging.AddSerilog(_logger);

    public ValueTask DisposeAsync() => _logger.DisposeAsync();
}
