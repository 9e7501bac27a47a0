using MtlsSidecar.Proxy.Listeners;
using Serilog;
using Serilog.Core;
using Serilog.Debugging;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Settings.Configuration;

namespace MtlsSidecar.Logging;

/// <summary>
/// Sets up Serilog: JSON lines on standard output unless the <c>Serilog</c> section names sinks of its own, in both cases behind a
/// <see cref="BackgroundSink"/>.
/// </summary>
internal sealed class SidecarLogging : IDisposable
{
    /// <summary>The section that it is set up from.</summary>
    public const string Section = "Serilog";

    private static readonly string[] SinkKeys = ["Serilog:WriteTo", "Serilog:AuditTo"];
    private readonly BackgroundSink _background;

    private SidecarLogging(Logger logger, BackgroundSink background)
    {
        Logger = logger;
        _background = background;
    }

    /// <summary>The logger for everything in the process.</summary>
    public Logger Logger { get; }

    /// <summary>Log lines that were dropped since the start.</summary>
    public long Dropped => _background.Dropped;

    /// <summary>What is wrong with the section; null when a log can be opened by it. Writes nothing.</summary>
    public static string? ProblemOf(IConfiguration settings)
    {
        try
        {
            Create(settings, "", TimeProvider.System, () => Stream.Null).Dispose();
            return null;
        }
        catch (InvalidOperationException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>Sets logging up.</summary>
    /// <param name="settings">The root with the <c>Serilog</c> section.</param>
    /// <param name="name">The sidecar's name, a property of every line.</param>
    /// <param name="timeProvider">The clock of our own lines.</param>
    /// <param name="standardOutput">Opens standard output; called only if the configuration names no sink.</param>
    /// <exception cref="InvalidOperationException">The section names a sink or enricher that doesn't exist, or can't be read.</exception>
    public static SidecarLogging Create(IConfiguration settings, string name, TimeProvider timeProvider, Func<Stream> standardOutput)
    {
        var problems = new List<string>();
        SelfLog.Enable(problems.Add);

        // Only these are looked into for sinks and enrichers: scanning what lies beside the program finds nothing once it is trimmed.
        var options = new ConfigurationReaderOptions(typeof(Logger).Assembly, typeof(ConsoleLoggerConfigurationExtensions).Assembly);
        try
        {
            ILogOutput output = SinkKeys.Any(key => settings.GetSection(key).Exists())
                ? new LoggerOutput(new LoggerConfiguration().MinimumLevel.Verbose().ReadFrom.Configuration(Part(settings, sinks: true), options).CreateLogger())
                : new JsonStreamOutput(standardOutput());
            var background = new BackgroundSink(output, timeProvider);
            var logger = Levels(new LoggerConfiguration())

                // Said in one line of its own; the host would add a stack trace to it.
                .Filter.ByExcluding(static logEvent => logEvent.Exception is ListenException)
                .ReadFrom.Configuration(Part(settings, sinks: false), options)
                .Enrich.WithProperty("Sidecar", name)
                .WriteTo.Sink(background)
                .CreateLogger();
            var logging = new SidecarLogging(logger, background);
            if (problems.Count == 0)
            {
                return logging;
            }

            // Serilog passes over a sink that it doesn't know; an operator would find out on the day the log is needed.
            logging.Dispose();
            throw new InvalidOperationException(string.Join("; ", problems));
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or FormatException or System.Reflection.TargetInvocationException)
        {
            throw new InvalidOperationException((exception.InnerException ?? exception).Message, exception);
        }
        finally
        {
            SelfLog.Disable();
        }
    }

    /// <summary>Makes this the only destination of the host's log; Serilog alone decides about levels.</summary>
    public void AddTo(ILoggingBuilder logging) => logging
        .ClearProviders()
        .SetMinimumLevel(LogLevel.Trace)
        .AddProvider(new SerilogLoggerProvider(Logger));

    /// <summary>Writes out what waits, for a bounded time.</summary>
    public void Dispose()
    {
        Logger.Dispose();
        _background.Dispose();
    }

    /// <summary>What counts unless the section says otherwise.</summary>
    private static LoggerConfiguration Levels(LoggerConfiguration logger) => logger
        .MinimumLevel.Information()
        .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
        .MinimumLevel.Override("System", LogEventLevel.Warning)
        .MinimumLevel.Override("Yarp", LogEventLevel.Warning)

        // Warns that cleartext listeners speak no HTTP/2, which ours do.
        .MinimumLevel.Override("Microsoft.AspNetCore.Server.Kestrel", LogEventLevel.Error)

        // With its logger on, hosting makes a scope and an activity for every request; our access log says the same for less.
        .MinimumLevel.Override("Microsoft.AspNetCore.Hosting.Diagnostics", LevelAlias.Off);

    /// <summary>The section with either its sinks or everything else: levels and filters belong before the queue, sinks behind it.</summary>
    private static IConfigurationRoot Part(IConfiguration settings, bool sinks) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.GetSection(Section).AsEnumerable()
            .Where(setting => IsUsing(setting.Key) || SinkKeys.Any(key => IsAtOrBelow(setting.Key, key)) == sinks))
        .Build();

    private static bool IsUsing(string key) => IsAtOrBelow(key, "Serilog:Using");

    private static bool IsAtOrBelow(string key, string parent)
        => key.StartsWith(parent, StringComparison.OrdinalIgnoreCase)
        && (key.Length == parent.Length || key[parent.Length] == ConfigurationPath.KeyDelimiter[0]);
}
