using System.CommandLine;
using System.Net.Sockets;
using System.Security.Authentication;
using MtlsSidecar.Inspection;
using MtlsSidecar.Proxy.Hosting;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Commands;

/// <summary><c>inspect</c>: dials a peer with this sidecar's identity and explains the handshake and the verdict.</summary>
internal static class InspectCommand
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var target = new Argument<string>("HOST:PORT") { Description = "The peer to dial." };
        var identity = new Option<string?>("--identity")
        {
            Description = "Who must answer: SPIFFE ID or pattern, dns:NAME. Default: as the upstream or tunnel with this destination says, else anybody who validates.",
            HelpName = "ID",
        };
        var config = CommandLine.ConfigOption();
        var command = new Command("inspect", "Dial a peer with this sidecar's identity; explain the handshake and the verdict.") { target, identity, config };
        command.SetAction((parsed, cancellationToken)
            => RunAsync(parsed.GetValue(target)!, parsed.GetValue(identity), parsed.GetValue(config) ?? [], cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string target, string? identity, string[] configFiles, CancellationToken cancellationToken)
    {
        if (!InspectionTarget.TryParse(target, out var host, out var port))
        {
            return await FailAsync($"'{target}' is not HOST:PORT", ExitCode.Usage);
        }

        IdentityPattern? expected = null;
        if (identity is not null && !IdentityPattern.TryParse(identity, out expected))
        {
            return await FailAsync($"--identity: '{identity}' is neither a SPIFFE ID or pattern nor dns:NAME", ExitCode.Usage);
        }

        if (await StartUp.LoadAsync(configFiles, Console.Error) is not { } startUp)
        {
            return ExitCode.Usage;
        }

        await startUp.PrintWarningsAsync(Console.Error);
        if (startUp.Material.Svid.Current is null)
        {
            return await FailAsync("there is no certificate yet to dial with: run the sidecar first, which enrols", ExitCode.Failure);
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.AddMtlsSidecar(startUp.Options, startUp.Material);
        await using var app = builder.Build();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        try
        {
            var report = await app.Services.InspectPeerAsync((host, port), expected, deadline.Token);
            await Console.Out.WriteLineAsync(InspectionText.Of(report, validatorsAreAsked: startUp.Options.Validation is not { Revocation: RevocationMode.Off, Validators: ["Local"] }));
            return report.Verdict is PeerValidation.Accepted ? ExitCode.Success : ExitCode.Rejected;
        }
        catch (Exception exception) when (exception is SocketException or AuthenticationException or IOException)
        {
            return await FailAsync($"{target}: {exception.Message}{(exception.InnerException is { } inner ? $" ({inner.Message})" : "")}", ExitCode.Failure);
        }
        catch (OperationCanceledException)
        {
            return await FailAsync($"{target}: no verdict within {Deadline.TotalSeconds:0} s", ExitCode.Failure);
        }
    }

    private static async Task<int> FailAsync(string message, int exitCode)
    {
        await Console.Error.WriteLineAsync($"error: {message}");
        return exitCode;
    }
}
