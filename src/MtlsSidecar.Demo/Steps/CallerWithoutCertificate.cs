namespace MtlsSidecar.Demo.Steps;

/// <summary>Somebody calls with TLS alone.</summary>
internal sealed class CallerWithoutCertificate : IStep
{
    public string Title => "Caller without a certificate";

    public string Proves => "nobody gets in without saying who they are.";

    public Task PlayAsync(Stage stage, Evidence evidence, CancellationToken cancellationToken)
        => RefusedHandshake.ShowAsync(stage, caller: null, "NoCertificate", evidence, cancellationToken);
}
