namespace MtlsSidecar.Benchmarks.Measuring;

/// <summary>A table as docs/performance.md has it, so that a run can be pasted there.</summary>
internal static class MarkdownTable
{
    /// <summary>Writes the heading and the rows; all columns but the first hold figures.</summary>
    public static void Write(TextWriter output, IReadOnlyList<string> heading, IEnumerable<IReadOnlyList<string>> rows)
    {
        WriteRow(heading);
        WriteRow([.. heading.Select((_, column) => column == 0 ? "---" : "--:")]);
        foreach (var row in rows)
        {
            WriteRow(row);
        }

        void WriteRow(IEnumerable<string> cells) => output.WriteLine($"| {string.Join(" | ", cells)} |");
    }
}
