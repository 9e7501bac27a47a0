using System.Text.Json;

namespace MtlsSidecar.Conformance.Tests;

/// <summary>The suites' data, which stand beside the repository and not in it: <c>../shared/conformance</c> from its root or from a folder above.</summary>
internal static class ConformanceData
{
    private static readonly Lazy<string?> Found = new(Find);

    /// <summary>Whether a file of the suites is there.</summary>
    public static bool Has(string file) => Found.Value is { } folder && File.Exists(System.IO.Path.Combine(folder, file));

    /// <summary>The full name of a file of the suites.</summary>
    public static string Path(string file) => System.IO.Path.Combine(Found.Value ?? throw new InvalidOperationException("no conformance data"), file);

    /// <summary>Reads a JSON file of the suites; an empty object when it is missing.</summary>
    public static JsonElement ReadJson(string file)
    {
        using var document = Has(file) ? JsonDocument.Parse(File.ReadAllBytes(Path(file))) : JsonDocument.Parse("{}");
        return document.RootElement.Clone();
    }

    private static string? Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "MtlsSidecar.sln")))
        {
            folder = folder.Parent;
        }

        for (folder = folder?.Parent; folder is not null; folder = folder.Parent)
        {
            var data = System.IO.Path.Combine(folder.FullName, "shared", "conformance");
            if (Directory.Exists(data))
            {
                return data;
            }
        }

        return null;
    }
}
