using MtlsSidecar.Configuration;
using MtlsSidecar.Logging;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Hosting;

namespace MtlsSidecar.Commands;

/// <summary>A configuration that is good to start with: options, and the key, certificate and bundles that they name.</summary>
internal sealed record StartUp(SidecarConfiguration Source, IConfigurationRoot Settings, SidecarOptions Options, TrustMaterial Material)
{
    /// <summary>Loads everything and prints every error at once.</summary>
    /// <param name="configFiles">The <c>--config</c> files.</param>
    /// <param name="errors">Where errors and warnings are printed.</param>
    /// <returns>Null when there is any error.</returns>
    public static async Task<StartUp?> LoadAsync(IReadOnlyList<string> configFiles, TextWriter errors)
    {
        var source = SidecarConfiguration.OfProcess(configFiles);
        var loaded = source.Load();
        var found = new List<ConfigurationError>(loaded.Sidecar.Errors);

        // Also when keys are wrong: whoever mends them wants to hear of the missing file in the same go.
        var material = (loaded.Sidecar.Options ?? loaded.Sidecar.Draft) is { Identity: not null, Trust: not null } options ? TrustMaterial.Open(options, found) : null;
        foreach (var warning in loaded.Sidecar.Warnings)
        {
            await errors.WriteLineAsync($"warning: {warning}");
        }

        foreach (var error in found)
        {
            await errors.WriteLineAsync($"error: {error}");
        }

        return found.Count == 0 && material is not null ? new StartUp(source, loaded.Settings, loaded.Sidecar.Options!, material) : null;
    }

    /// <summary>Opens the log that the <c>Serilog</c> section describes.</summary>
    /// <returns>Null, with the error printed, when the section names what doesn't exist or can't be read.</returns>
    public SidecarLogging? OpenLog(TextWriter errors)
    {
        try
        {
            return SidecarLogging.Create(Settings, Options.Name, TimeProvider.System, Console.OpenStandardOutput);
        }
        catch (InvalidOperationException exception)
        {
            errors.WriteLine($"error: {exception.Message}");
            return null;
        }
    }
}
