namespace MtlsSidecar.Demo.Steps;

/// <summary>A stranger's certificate says <c>web</c>, who may call; but it is signed by an authority that has only the name of the one trusted here.</summary>
internal sealed class CallerOfForeignAuthority : IStep
{
    public string Title => "Certificate of a foreign authority";

    public string Proves => "the right names, even the authority's, are worth nothing under another key.";

    public Task PlayAsync(Stage stage, Evidence evidence, CancellationToken cancellationToken)
        => RefusedHandshake.ShowAsync(stage, stage.Stranger, "BadSignature", evidence, cancellationToken);
}
