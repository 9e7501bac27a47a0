namespace MtlsSidecar.Validation;

/// <summary>One step of validating a peer, as it is explained to an operator.</summary>
/// <param name="Name">The step.</param>
/// <param name="Outcome"><c>ok</c>, <c>refused</c>, <c>not asked</c> or <c>not reached</c>.</param>
/// <param name="Detail">What was found; empty where there is nothing to say.</param>
internal sealed record VerdictStep(string Name, string Outcome, string Detail)
{
    /// <inheritdoc/>
    public override string ToString() => Detail.Length > 0 ? $"  {Outcome,-11} {Name}: {Detail}" : $"  {Outcome,-11} {Name}";
}
