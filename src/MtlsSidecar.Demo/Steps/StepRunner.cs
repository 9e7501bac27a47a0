using MtlsSidecar.Demo.Output;

namespace MtlsSidecar.Demo.Steps;

/// <summary>Plays the steps one after the other and prints a line for each. A step that fails or hangs doesn't keep the next from its turn.</summary>
internal sealed class StepRunner(Stage stage, Screen screen)
{
    private const int LogLinesShown = 10;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>What a step may take beyond its limit to say what it waited for.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>Plays them all.</summary>
    /// <returns>Whether every step showed what it should.</returns>
    public async Task<bool> RunAsync(IReadOnlyList<IStep> steps, CancellationToken interruption)
    {
        var shown = 0;
        foreach (var (index, step) in steps.Index())
        {
            screen.Pending($"{index + 1}  {step.Title} ...");
            var evidence = await PlayAsync(step, interruption);
            screen.Result(evidence.Holds, $"{index + 1}  {step.Title}: {evidence}");
            if (evidence.Holds)
            {
                shown++;
            }
            else
            {
                Explain(step);
            }
        }

        screen.Line();
        screen.Line($"{shown} of {steps.Count} steps showed what they should.");
        return shown == steps.Count;
    }

    private async Task<Evidence> PlayAsync(IStep step, CancellationToken interruption)
    {
        var evidence = new Evidence();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(interruption);
        limit.CancelAfter(Limit);
        try
        {
            // A step that doesn't even heed its token is left behind.
            await step.PlayAsync(stage, evidence, limit.Token).WaitAsync(Limit + Grace, interruption);
        }
        catch (Exception exception)
        {
            interruption.ThrowIfCancellationRequested();
            evidence.Add(false, $"{(limit.IsCancellationRequested ? $"not done within {Limit.TotalSeconds} s, " : "")}{exception.Message}");
        }

        return evidence;
    }

    private void Explain(IStep step)
    {
        screen.Detail($"It should have shown: {step.Proves}");
        foreach (var sidecar in new[] { stage.Orders.Sidecar, stage.Users.Sidecar })
        {
            screen.Detail($"Last lines of sidecar {sidecar.Name}:");
            foreach (var line in sidecar.Log.Tail(LogLinesShown))
            {
                screen.Detail($"  {line}");
            }
        }
    }
}
