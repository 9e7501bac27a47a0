namespace MtlsSidecar.Demo.Steps;

/// <summary>A stranger's certificate says <c>web</c>, who may call; but it is signed by an authority that nobody here trusts.</summary>
internal sealed class CallerOfForeignAuthority : IStep
{
    public string Title => "Certificate of a foreign authority";

    public string Proves => "the right name under the wrong authority is worth nothing.";

    public Task PlayAsync(Stage stage, Evidence evidence, CancellationToken cancellationToken)
        => RefusedHandshake.ShowAsync(stage, stage.Stranger, "UntrustedAnchor", evidence, cancellationToken);
}
