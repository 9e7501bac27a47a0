using MtlsSidecar.Demo;
using MtlsSidecar.Demo.Output;
using MtlsSidecar.Demo.Pki;
using MtlsSidecar.Demo.Sidecars;
using MtlsSidecar.Demo.Steps;

if (args is not ([] or ["--once"]))
{
    await Console.Error.WriteLineAsync("Usage: dotnet run --project src/MtlsSidecar.Demo [-- --once]");
    return 2;
}

var staysUp = args is [];
var screen = Screen.OfConsole();
using var interruption = new Interruption();
try
{
    await using var stage = await Stage.SetUpAsync(interruption.Token);
    Picture.Draw(screen, stage);

    var allShown = await new StepRunner(stage, screen).RunAsync(
        [
            new AllowedCalls(),
            new MessageThroughTunnel(),
            new DeniedCaller(),
            new CallerWithoutCertificate(),
            new CallerOfForeignAuthority(),
            new RotationUnderLoad(),
            new RevocationOfLivePeer(),
            new RenewalAfterRevocation(),
        ],
        interruption.Token);

    if (staysUp)
    {
        await Invitation.PrintAsync(screen, stage);
        await interruption.Requested;
    }

    return allShown ? 0 : 1;
}
catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
{
    screen.Line("Interrupted.");
    return 1;
}
catch (Exception failure) when (failure is SidecarFailedException or AuthorityFailedException)
{
    screen.Failure(failure.Message);
    return 1;
}
