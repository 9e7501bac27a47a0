using System.CommandLine;
using System.Runtime.InteropServices;
using MtlsSidecar.Configuration;
using MtlsSidecar.Proxy.Draining;
using MtlsSidecar.Proxy.Hosting;

namespace MtlsSidecar.Commands;

/// <summary><c>run</c>: the daemon.</summary>
internal static class RunCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var config = CommandLine.ConfigOption();
        var command = new Command("run", "Run the daemon (the default).") { config };
        command.SetAction(async parsed => await RunAsync(parsed.GetValue(config) ?? []));
        return command;
    }

    /// <summary>Lets the program without a command mean <c>run</c>.</summary>
    public static void MakeDefault(RootCommand root)
    {
        var config = CommandLine.ConfigOption();
        root.Options.Add(config);
        root.SetAction(async parsed => await RunAsync(parsed.GetValue(config) ?? []));
    }

    private static async Task<int> RunAsync(string[] configFiles)
    {
        if (await StartUp.LoadAsync(configFiles, Console.Error) is not { } startUp)
        {
            return ExitCode.Usage;
        }

        using var logging = startUp.OpenLog();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        logging.AddTo(builder.Logging);
        builder.AddMtlsSidecar(startUp.Options, startUp.Material, new ReloadableConfiguration(startUp.Source, startUp.Loaded));
        await using var app = builder.Build();
        app.UseMtlsSidecar();
        app.LogWarnings(startUp.Warnings);

        var drain = app.Services.GetRequiredService<DrainRequest>();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Signal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Signal);
        using var reload = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Reload);
        if (await app.StartListeningAsync() is { } error)
        {
            await Console.Error.WriteLineAsync($"error: {error}");
            return ExitCode.Failure;
        }

        app.Services.ObserveDroppedLogLines(() => logging.Dropped);

        // What the start has left behind is given back: an eighth of an idle daemon, which might not collect by itself for hours.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        await drain.Requested;
        return await app.DrainAndStopAsync() ? ExitCode.Success : ExitCode.Failure;

        void Signal(PosixSignalContext context)
        {
            context.Cancel = true;
            drain.Signal();
        }

        // What it comes to is logged and counted.
        void Reload(PosixSignalContext context)
        {
            context.Cancel = true;
            _ = app.ReloadAsync();
        }
    }
}
