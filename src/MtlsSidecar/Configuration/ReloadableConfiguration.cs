using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Reloading;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Configuration;

/// <summary>The daemon's configuration as the data plane reads it again.</summary>
/// <param name="configuration">Where it comes from.</param>
/// <param name="started">What the daemon was started with.</param>
internal sealed class ReloadableConfiguration(SidecarConfiguration configuration, LoadedConfiguration started) : ISidecarOptionsSource
{
    private const string Serilog = "Serilog";
    private readonly string _startedLogging = Flatten(started.Settings);

    /// <inheritdoc/>
    public IEnumerable<string> Files => configuration.Files;

    /// <inheritdoc/>
    public FileStamps? AsRead { get; } = started.AsRead;

    /// <summary>Reads again. A changed <c>Serilog</c> section is refused by name: the log is set up once, and passing over it would look like success.</summary>
    public SidecarOptionsResult Load()
    {
        var (settings, sidecar, _) = configuration.Load();
        return Flatten(settings) == _startedLogging
            ? sidecar
            : sidecar with { Options = null, Errors = [.. sidecar.Errors, new ConfigurationError(Serilog, "was changed, which needs a restart")] };
    }

    private static string Flatten(IConfiguration settings) => string.Join(
        '\n',
        settings.GetSection(Serilog).AsEnumerable()
            .Where(setting => setting.Value is not null)
            .Select(setting => $"{setting.Key}={setting.Value}")
            .Order(StringComparer.Ordinal));
}
