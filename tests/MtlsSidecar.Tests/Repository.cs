namespace MtlsSidecar.Tests;

/// <summary>Finds files of the repository that tests hold to the code.</summary>
internal static class Repository
{
    private const string Marker = "MtlsSidecar.sln";

    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = Find();

    /// <summary>Reads a file by its path from the root.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, Marker)))
        {
            directory = directory.Parent ?? throw new InvalidOperationException($"No {Marker} above {AppContext.BaseDirectory}.");
        }

        return directory.FullName;
    }
}
