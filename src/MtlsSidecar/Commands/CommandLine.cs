using System.CommandLine;

namespace MtlsSidecar.Commands;

/// <summary>Parses and runs, with exit codes of our own for wrong usage.</summary>
internal static class CommandLine
{
    /// <summary>All commands; without one the program means <c>run</c>.</summary>
    public static RootCommand CreateRoot()
    {
        var root = new RootCommand("MtlsSidecar: mutual TLS for the service beside it.")
        {
            RunCommand.Create(),
            CheckCommand.Create(),
            ProbeCommand.Create(),
            ValidateCommand.Create(),
            InspectCommand.Create(),
        };
        RunCommand.MakeDefault(root);
        return root;
    }

    /// <summary>The option that every command with a configuration takes; a later file wins over an earlier one.</summary>
    public static Option<string[]> ConfigOption() => new("--config")
    {
        Description = "Configuration file, read after appsettings.json of the working directory; may be repeated, later wins.",
        HelpName = "FILE",
    };

    /// <summary>Runs the command that the arguments name.</summary>
    public static async Task<int> InvokeAsync(RootCommand root, string[] arguments)
    {
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            await Console.Error.WriteLineAsync("Try --help.");
            return ExitCode.Usage;
        }

        // Signals are the daemon's own business: the parser's would cancel in the middle of a drain.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }
}
