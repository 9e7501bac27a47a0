namespace MtlsSidecar.Demo.Steps;

/// <summary>One step of the story.</summary>
internal interface IStep
{
    /// <summary>What happens, in a few words.</summary>
    string Title { get; }

    /// <summary>What it proves, as a sentence.</summary>
    string Proves { get; }

    /// <summary>Plays the step and takes down what is seen.</summary>
    Task PlayAsync(Stage stage, Evidence evidence, CancellationToken cancellationToken);
}
