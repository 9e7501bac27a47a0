namespace MtlsSidecar.Conformance.Tests;

/// <summary>A theory over a suite's cases; skipped with a clear line where the suite's data is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ConformanceTheoryAttribute : TheoryAttribute
{
    public ConformanceTheoryAttribute(string file)
    {
        File = file;
        if (!ConformanceData.Has(file))
        {
            Skip = $"../shared/conformance/{file} is not there";
        }
    }

    /// <summary>The file that holds the cases.</summary>
    public string File { get; }
}
