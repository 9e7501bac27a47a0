using System.Text.RegularExpressions;

namespace MtlsSidecar.TestKit.Files;

/// <summary>The project's pages, whose samples tests run.</summary>
public static partial class Documentation
{
    private const string Marker = "MtlsSidecar.sln";

    /// <summary>The JSON blocks of a page below <c>docs</c>, in their order.</summary>
    public static IReadOnlyList<string> JsonBlocks(string page)
        => [.. Json().Matches(File.ReadAllText(Path.Combine(FindRoot(), "docs", page))).Select(block => block.Groups[1].Value)];

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, Marker)))
        {
            directory = directory.Parent ?? throw new InvalidOperationException($"No {Marker} above {AppContext.BaseDirectory}.");
        }

        return directory.FullName;
    }

    [GeneratedRegex(@"^```json\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Json();
}
