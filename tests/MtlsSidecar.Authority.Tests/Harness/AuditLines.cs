namespace MtlsSidecar.Authority.Tests.Harness;

/// <summary>An authority's audit trail as of now.</summary>
internal sealed class AuditLines(AuthorityProgram program)
{
    public string Text { get; } = File.ReadAllText(Path.Combine(program.Data, "audit.log"));

    /// <summary>How many lines have all these words.</summary>
    public int Count(params string[] words) => Text.Split('\n').Count(line => words.All(word => line.Contains(word, StringComparison.Ordinal)));
}
