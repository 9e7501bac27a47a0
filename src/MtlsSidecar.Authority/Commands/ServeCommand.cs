using System.CommandLine;
using System.Globalization;
using MtlsSidecar.Authority.Hosting;
using MtlsSidecar.Authority.Storage;
using Serilog;
using Serilog.Formatting.Json;

namespace MtlsSidecar.Authority.Commands;

/// <summary><c>serve</c>: the server.</summary>
internal static class ServeCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var options = new ServeCommandOptions();
        var command = new Command("serve", "Run the server: enrolment and validation over TLS, CRLs and OCSP over HTTP.");
        options.AddTo(command);
        command.SetAction(new AuthorityOptions(), (authority, parsed) => ServeAsync(
            authority, options.ReadServer(parsed), options.ReadSettings(parsed, authority.Store.ReadSettings())));
        return command;
    }

    private static async Task<int> ServeAsync(OpenedAuthority authority, ServeOptions options, AuthoritySettings settings)
    {
        using var server = FileLock.TryAcquire(authority.Data.ServerLockFile)
            ?? throw new AuthorityException($"another server runs on {authority.Data.Path}: two would number their CRLs against each other.");
        if (authority.Store.FindDamage() is { } damage)
        {
            throw new AuthorityException(
                $"{authority.Data.DatabaseFile} is damaged: {damage}. Stop everything that uses it, keep it, put the last backup in its place, and revoke what the backup doesn't know of.");
        }

        if (settings != authority.Store.ReadSettings())
        {
            await authority.Store.WriteSettingsAsync(settings);
        }

        await using var logger = new LoggerConfiguration()
            .MinimumLevel.Override("Microsoft", Serilog.Events.LogEventLevel.Warning)
            .WriteTo.Console(new JsonFormatter(renderMessage: true, formatProvider: CultureInfo.InvariantCulture))
            .CreateLogger();
        return await AuthorityServer.RunAsync(authority, options, logging => logging.AddSerilog(logger)) ? ExitCode.Success : ExitCode.Failure;
    }
}
