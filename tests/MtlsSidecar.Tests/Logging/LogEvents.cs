using Serilog.Events;
using Serilog.Parsing;

namespace MtlsSidecar.Tests.Logging;

/// <summary>Makes log events.</summary>
internal static class LogEvents
{
    public static LogEvent Create(string template, params (string Name, object? Value)[] properties) => new(
        new DateTimeOffset(2026, 1, 2, 3, 4, 5, 6, TimeSpan.FromHours(1)),
        LogEventLevel.Warning,
        null,
        new MessageTemplateParser().Parse(template),
        properties.Select(property => new LogEventProperty(property.Name, property.Value as LogEventPropertyValue ?? new ScalarValue(property.Value))));
}
