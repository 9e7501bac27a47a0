using System.CommandLine;

namespace MtlsSidecar.Commands;

/// <summary><c>check</c>: loads configuration, key, certificate, bundles and CRLs, prints every error at once, starts nothing.</summary>
internal static class CheckCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var config = CommandLine.ConfigOption();
        var command = new Command("check", "Check configuration, key, certificate, trust bundles and CRLs; start nothing.") { config };
        command.SetAction(async parsed => await CheckAsync(parsed.GetValue(config) ?? []));
        return command;
    }

    private static async Task<int> CheckAsync(string[] configFiles)
    {
        if (await StartUp.LoadAsync(configFiles, Console.Error, examineCrls: true) is not { } startUp)
        {
            return ExitCode.Usage;
        }

        await startUp.PrintWarningsAsync(Console.Error);
        if (startUp.Material.Svid.Current is null)
        {
            await Console.Out.WriteLineAsync($"There is no certificate yet: run enrols at {startUp.Options.Identity.Est.Url} with the token, which check doesn't try.");
        }

        await Console.Out.WriteLineAsync($"The configuration of {startUp.Options.Name} is good.");
        return ExitCode.Success;
    }
}
