using Microsoft.Extensions.Configuration;

namespace MtlsSidecar.Proxy.Configuration.Sources;

/// <summary>
/// Puts sources over each other, later ones first. As in .NET, save that a list set by a later source replaces the earlier list whole:
/// merged by index, a shorter list of principals would keep the tail of the longer one and so let in whom it left out.
/// </summary>
internal static class LayeredSettings
{
    public static IConfigurationRoot Merge(IEnumerable<SettingsLayer> layers)
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
