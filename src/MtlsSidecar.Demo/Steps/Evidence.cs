namespace MtlsSidecar.Demo.Steps;

/// <summary>What was seen in a step, and whether it was as it should be. Nothing seen proves nothing.</summary>
internal sealed class Evidence
{
    private readonly List<(bool IsAsExpected, string Text)> _seen = [];

    /// <summary>Whether all was as it should be.</summary>
    public bool Holds => _seen.Count > 0 && _seen.TrueForAll(seen => seen.IsAsExpected);

    /// <summary>Takes something down.</summary>
    public void Add(bool isAsExpected, string text) => _seen.Add((isAsExpected, text));

    /// <summary>All of it on one line.</summary>
    public override string ToString() => string.Join("; ", _seen.Select(seen => seen.IsAsExpected ? seen.Text : $"NOT AS EXPECTED: {seen.Text}"));
}
