using System.CommandLine;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Commands;

/// <summary>Parses and runs, with exit codes of our own for wrong usage.</summary>
internal static class CommandLine
{
    /// <summary>All commands.</summary>
    public static RootCommand CreateRoot() => new("mtls-authority: a certification authority for MtlsSidecar.")
    {
        InitCommand.Create(),
        ServeCommand.Create(),
        IssueCommand.Create(),
        TokenCommand.Create(),
        RevokeCommand.Create(),
        ListCommand.Create(),
        CrlCommand.Create(),
        IssuerCommand.Create(),
        CheckCommand.Create(),
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

        // Signals are the server's own business; and what a command is interrupted in must be able to end by itself.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    /// <summary>Lets a command run with the authority of its data directory, and turns what it can't do into a message and an exit code.</summary>
    public static void SetAction(this Command command, AuthorityOptions options, Func<OpenedAuthority, ParseResult, Task<int>> run)
    {
        options.AddTo(command);
        command.SetAction(parsed => GuardAsync(async () =>
        {
            using var authority = OpenedAuthority.Open(options.Read(parsed));
            return await run(authority, parsed);
        }));
    }

    /// <summary>Runs something and turns what it can't do into a message and an exit code.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (UsageException exception)
        {
            await Console.Error.WriteLineAsync($"error: {exception.Message}");
            return ExitCode.Usage;
        }
        catch (Exception exception) when (exception is AuthorityException or ClockMovedBackException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"error: {exception.Message}");
            return ExitCode.Failure;
        }
    }
}
