using System.Collections;
using Microsoft.Extensions.Configuration;

namespace MtlsSidecar.Proxy.Configuration.Sources;

/// <summary>
/// Reads environment variables such as <c>Sidecar__Inbound__Listen</c>. Only the sections asked for: variables of ASP.NET Core
/// (<c>ASPNETCORE_URLS</c>, <c>Kestrel__Endpoints__…</c>) must open no listener.
/// </summary>
internal static class EnvironmentSettings
{
    /// <summary>Reads the variables of the given sections; adds an error for a key that is set twice.</summary>
    public static SettingsLayer Read(IDictionary variables, IReadOnlyCollection<string> sections, ICollection<ConfigurationError> errors)
    {
        var layer = new SettingsLayer();
        foreach (DictionaryEntry variable in variables)
        {
            var key = ((string)variable.Key).Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);
            var segments = key.Split(ConfigurationPath.KeyDelimiter);
            if (segments.Length < 2 || !sections.Contains(segments[0], StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }

            if (!layer.Values.TryAdd(key, (string?)variable.Value ?? ""))
            {
                // Two spellings that differ in case: which one wins would be chance.
                errors.Add(new ConfigurationError(key, "is set by two environment variables"));
            }

            if (variable.Value is null or "")
            {
                // An empty variable replaces what files set below its key; left alone it would seem to clear a list and keep it.
                layer.Lists.Add(key);
            }

            // A number is an index: names of digits alone are refused in every section of names.
            for (var index = 1; index < segments.Length; index++)
            {
                if (segments[index].Length > 0 && segments[index].All(char.IsAsciiDigit))
                {
                    layer.Lists.Add(string.Join(ConfigurationPath.KeyDelimiter, segments[..index]));
                }
            }
        }

        return layer;
    }
}
