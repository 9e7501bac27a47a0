using MtlsSidecar.Configuration;
using MtlsSidecar.Logging;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Hosting;

namespace MtlsSidecar.Commands;

/// <summary>A configuration that is good to start with: options, and the key, certificate and bundles that they name.</summary>
internal sealed record StartUp(
    SidecarConfiguration Source, LoadedConfiguration Loaded, SidecarOptions Options, TrustMaterial Material, IReadOnlyList<ConfigurationWarning> Warnings)
{
    /// <summary>Loads everything; what is wrong is printed, every error at once and the warnings with them.</summary>
    /// <param name="configFiles">The <c>--config</c> files.</param>
    /// <param name="errors">Where they are printed.</param>
    /// <param name="examineCrls">Whether the CRL files must be good too: the daemon starts without.</param>
    /// <returns>Null when there is any error. Otherwise the warnings are the caller's to pass on.</returns>
    public static async Task<StartUp?> LoadAsync(IReadOnlyList<string> configFiles, TextWriter errors, bool examineCrls = false)
    {
        var source = SidecarConfiguration.OfProcess(configFiles);
        var loaded = source.Load();
        var found = new List<ConfigurationError>(loaded.Sidecar.Errors);
        var warnings = new List<ConfigurationWarning>(loaded.Sidecar.Warnings);

        // Also when keys are wrong: whoever mends them wants to hear of the missing file and the misspelt sink in the same go.
        TrustMaterial? material = null;
        if ((loaded.Sidecar.Options ?? loaded.Sidecar.Draft) is { Identity: not null, Trust: not null } options)
        {
            material = TrustMaterial.Open(options, found, out var known);
            if (examineCrls)
            {
                await SidecarValidation.ExamineCrlFilesAsync(options, known, found, warnings);
            }
        }

        if (SidecarLogging.ProblemOf(loaded.Settings) is { } problem)
        {
            found.Add(new ConfigurationError(SidecarLogging.Section, problem));
        }

        if (found.Count == 0 && material is not null)
        {
            return new StartUp(source, loaded, loaded.Sidecar.Options!, material, warnings);
        }

        await PrintAsync(warnings, errors);
        foreach (var error in found)
        {
            await errors.WriteLineAsync($"error: {error}");
        }

        return null;
    }

    /// <summary>Prints the warnings, where there is no log to write them to.</summary>
    public Task PrintWarningsAsync(TextWriter errors) => PrintAsync(Warnings, errors);

    /// <summary>Opens the log that the <c>Serilog</c> section describes.</summary>
    public SidecarLogging OpenLog() => SidecarLogging.Create(Loaded.Settings, Options.Name, TimeProvider.System, Console.OpenStandardOutput);

    private static async Task PrintAsync(IEnumerable<ConfigurationWarning> warnings, TextWriter errors)
    {
        foreach (var warning in warnings)
        {
            await errors.WriteLineAsync($"warning: {warning}");
        }
    }
}
