using System.Collections;
using Microsoft.Extensions.Configuration;

namespace MtlsSidecar.Proxy.Configuration.Sources;

/// <summary>
/// Puts sources over each other, later ones first. As in .NET, save that a list set by a later source replaces the earlier list whole:
/// merged by index, a shorter list of principals would keep the tail of the longer one and so let in whom it left out.
/// </summary>
public static class LayeredSettings
{
    /// <summary>Reads the files in order, then the variables; can be called again to read them afresh.</summary>
    /// <param name="files">JSON files, each of which must exist.</param>
    /// <param name="variables">Environment variables.</param>
    /// <param name="sections">The top-level sections that variables may set.</param>
    public static LoadedSettings Load(IEnumerable<string> files, IDictionary variables, IReadOnlyCollection<string> sections)
    {
        var errors = new List<ConfigurationError>();
        var layers = new List<SettingsLayer>();
        foreach (var file in files)
        {
            if (ReadFile(file, errors) is { } layer)
            {
                layers.Add(layer);
            }
        }

        layers.Add(EnvironmentSettings.Read(variables, sections, errors));
        return new LoadedSettings(Merge(layers), errors);
    }

    internal static IConfigurationRoot Merge(IEnumerable<SettingsLayer> layers)
    {
        var merged = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var layer in layers)
        {
            foreach (var list in layer.Lists)
            {
                merged.Remove(list);
                RemoveBelow(merged, list);
            }

            foreach (var (key, value) in layer.Values)
            {
                if (value is null)
                {
                    // Null doesn't switch a section off; what is below goes so that it is seen, and refused, as null.
                    RemoveBelow(merged, key);
                }

                // An empty section adds nothing to one that an earlier source filled.
                if (value is not "" || !HasBelow(merged, key))
                {
                    merged[key] = value;
                }
            }
        }

        return new ConfigurationBuilder().AddInMemoryCollection(merged).Build();
    }

    private static SettingsLayer? ReadFile(string file, List<ConfigurationError> errors)
    {
        try
        {
            if (JsonSettings.TryRead(File.ReadAllBytes(file), out var layer, out var problem))
            {
                return layer;
            }

            errors.Add(new ConfigurationError(file, problem));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            errors.Add(new ConfigurationError(file, exception is FileNotFoundException or DirectoryNotFoundException
                ? "there is no such file"
                : $"can't be read: {exception.Message}"));
        }

        return null;
    }

    private static void RemoveBelow(Dictionary<string, string?> settings, string key)
    {
        foreach (var below in settings.Keys.Where(other => IsBelow(other, key)).ToArray())
        {
            settings.Remove(below);
        }
    }

    private static bool HasBelow(Dictionary<string, string?> settings, string key) => settings.Keys.Any(other => IsBelow(other, key));

    private static bool IsBelow(string other, string key)
        => other.Length > key.Length
        && other[key.Length] == ConfigurationPath.KeyDelimiter[0]
        && other.StartsWith(key, StringComparison.OrdinalIgnoreCase);
}
