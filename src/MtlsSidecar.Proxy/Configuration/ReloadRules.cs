using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using MtlsSidecar.Proxy.Configuration.Constraints;
using MtlsSidecar.Proxy.Configuration.Reading;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary>
/// Which changes a running sidecar takes over. A reload that changes anything else is refused as a whole: half a configuration, with a new
/// policy but the old listener, is one that nobody wrote.
/// </summary>
[UnconditionalSuppressMessage("Trimming", "IL2067:DynamicallyAccessedMembers", Justification = "The program roots this namespace when it is trimmed.")]
public static class ReloadRules
{
    /// <summary>Every changed key that needs a restart; empty if the new options may replace the old.</summary>
    public static IReadOnlyList<ConfigurationError> Check(SidecarOptions current, SidecarOptions next)
    {
        var errors = new List<ConfigurationError>();
        CompareSection(typeof(SidecarOptions), current, next, SidecarOptions.SectionName, reloadable: false, errors);
        return errors;
    }

    private static void CompareSection(Type type, object? current, object? next, string key, bool reloadable, List<ConfigurationError> errors)
    {
        foreach (var property in OptionTypes.PropertiesOf(type))
        {
            Compare(
                property.PropertyType,
                current is null ? null : property.GetValue(current),
                next is null ? null : property.GetValue(next),
                $"{key}:{property.Name}",
                property.GetCustomAttribute<ReloadableAttribute>()?.IsReloadable ?? reloadable,
                errors);
        }
    }

    private static void Compare(Type type, object? current, object? next, string key, bool reloadable, List<ConfigurationError> errors)
    {
        if (OptionTypes.IsDictionary(type))
        {
            var (before, after) = ((IDictionary?)current, (IDictionary?)next);
            foreach (var name in Names(before).Union(Names(after), StringComparer.OrdinalIgnoreCase))
            {
                Compare(type.GetGenericArguments()[1], before?[name], after?[name], $"{key}:{name}", reloadable, errors);
            }
        }
        else if (OptionTypes.IsSection(type) && (reloadable || (current is not null && next is not null)))
        {
            // Also when one side has no such section: a new upstream may come, but not with a listener of its own.
            CompareSection(type, current, next, key, reloadable, errors);
        }
        else if (!reloadable && Text(current) != Text(next))
        {
            errors.Add(new ConfigurationError(key, $"changed from {Shown(current)} to {Shown(next)}, which needs a restart"));
        }
    }

    private static IEnumerable<string> Names(IDictionary? dictionary) => dictionary?.Keys.Cast<string>() ?? [];

    private static string? Text(object? value) => value switch
    {
        null => null,
        string text => text,
        IEnumerable list => string.Join(", ", list.Cast<object>()),
        _ => value.ToString(),
    };

    private static string Shown(object? value)
        => value is null ? "nothing" : OptionTypes.IsSection(value.GetType()) ? "a section" : Quoted.Text(Text(value)!);
}
