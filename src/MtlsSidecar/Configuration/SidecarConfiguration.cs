using System.Collections;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Configuration.Sources;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Configuration;

/// <summary>
/// Where the daemon's configuration comes from: <c>appsettings.json</c> of the working directory, then each <c>--config</c> file, then
/// environment variables below <c>Sidecar__</c> and <c>Serilog__</c>. Nothing else: no command-line keys, no <c>ASPNETCORE_</c> or
/// <c>DOTNET_</c> variables, no file beside the program.
/// </summary>
/// <param name="configFiles">The <c>--config</c> files in their order.</param>
/// <param name="workingDirectory">Against which relative paths are read.</param>
/// <param name="environment">Gives the variables at each loading.</param>
/// <param name="registeredValidators">Names of validators beyond the built-in ones.</param>
internal sealed class SidecarConfiguration(
    IReadOnlyList<string> configFiles,
    string workingDirectory,
    Func<IDictionary> environment,
    IReadOnlyCollection<string> registeredValidators)
{
    private const string DefaultFile = "appsettings.json";
    private const string SerilogSection = "Serilog";
    private static readonly string[] Sections = [SidecarOptions.SectionName, SerilogSection];

    /// <summary>The files that are read, in their order; to be watched for changes.</summary>
    public IReadOnlyList<string> Files
    {
        get
        {
            var standard = Path.GetFullPath(DefaultFile, workingDirectory);
            var given = configFiles.Select(file => Path.GetFullPath(file, workingDirectory));
            return File.Exists(standard) ? [standard, .. given] : [.. given];
        }
    }

    /// <summary>The configuration of this process.</summary>
    public static SidecarConfiguration OfProcess(IReadOnlyList<string> configFiles)
        => new(configFiles, Environment.CurrentDirectory, Environment.GetEnvironmentVariables, []);

    /// <summary>Reads all sources afresh; can be called at any time and changes nothing.</summary>
    public LoadedConfiguration Load()
    {
        var files = Files;
        var asRead = FileStamps.Of(files);
        var loaded = LayeredSettings.Load(files, environment(), Sections);
        var errors = new List<ConfigurationError>(loaded.Errors);
        if (files.Count == 0)
        {
            errors.Add(new ConfigurationError(
                Path.GetFullPath(DefaultFile, workingDirectory), "there is no such file and no --config FILE was given"));
        }

        var warnings = new List<ConfigurationWarning>();
        TopLevelKeys.Check(loaded.Settings, errors, warnings);

        // Without its files the section would be reported as empty from end to end, and hide the one error that matters.
        var sidecar = errors.Count > 0 && !loaded.Settings.GetSection(SidecarOptions.SectionName).Exists()
            ? new SidecarOptionsResult(null, [], [])
            : SidecarOptionsReader.Read(loaded.Settings, registeredValidators);
        var result = new SidecarOptionsResult(
            errors.Count == 0 ? sidecar.Options : null,
            [.. errors, .. sidecar.Errors],
            [.. warnings, .. sidecar.Warnings]);
        return new LoadedConfiguration(loaded.Settings, result with { Draft = sidecar.Draft }, asRead);
    }
}
