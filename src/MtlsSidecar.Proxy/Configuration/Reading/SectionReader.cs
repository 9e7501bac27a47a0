using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using MtlsSidecar.Proxy.Configuration.Constraints;

namespace MtlsSidecar.Proxy.Configuration.Reading;

/// <summary>
/// Walks a section against an option type. The platform's binder isn't used: it stops at the first bad object, takes <c>"7"</c> for an
/// enum, and can't name the full key.
/// </summary>
/// <remarks>
/// Unreadable values are reported and left out, so that reading goes on: a required property may then be null in the result, which is
/// never handed out when there was an error.
/// </remarks>
[UnconditionalSuppressMessage("Trimming", "IL2067:DynamicallyAccessedMembers", Justification = OptionTypesAreRooted)]
[UnconditionalSuppressMessage("Trimming", "IL2070:DynamicallyAccessedMembers", Justification = OptionTypesAreRooted)]
[UnconditionalSuppressMessage("Trimming", "IL2062:DynamicallyAccessedMembers", Justification = OptionTypesAreRooted)]
internal sealed class SectionReader(ConfigurationFindings findings)
{
    private const string OptionTypesAreRooted = "The program roots this namespace when it is trimmed, option types included.";

    /// <summary>Reads an object; an absent section is read as an empty one.</summary>
    public object Read(IConfigurationSection section, Type type)
    {
        var result = Activator.CreateInstance(type)!;
        var properties = OptionTypes.PropertiesOf(type);
        var children = section.GetChildren().ToArray();
        if (HasValue(section, "a section with keys"))
        {
            return result;
        }

        if (children.Length == 0 && type.IsDefined(typeof(NotEmptyAttribute)))
        {
            findings.Error(section.Path, "must not be empty, it would match everything; give at least one key");
        }

        foreach (var unknown in children.Where(child => Find(properties, child.Key) is null))
        {
            findings.Error(unknown.Path, "unknown key" + KeySuggestion.For(unknown.Key, properties.Select(property => property.Name)));
        }

        foreach (var property in properties)
        {
            ReadProperty(result, property, children.FirstOrDefault(child => Is(property, child.Key)), section);
        }

        return result;
    }

    private void ReadProperty(object target, PropertyInfo property, IConfigurationSection? child, IConfigurationSection parent)
    {
        var required = property.IsDefined(typeof(RequiredMemberAttribute));
        if (child is null && required && OptionTypes.IsSection(property.PropertyType))
        {
            // Names the missing keys inside instead of the section as a whole.
            property.SetValue(target, Read(parent.GetSection(property.Name), property.PropertyType));
        }
        else if (child is null)
        {
            if (required)
            {
                findings.Error($"{parent.Path}:{property.Name}", "is required");
            }
        }
        else if (IsNull(child))
        {
            findings.Error(child.Path, "null is no value; leave the key out instead");
        }
        else if (!IsNotSet(child, property, target) && ReadValue(child, property.PropertyType, property) is { } value)
        {
            property.SetValue(target, value);
        }
    }

    /// <summary>An empty text stands for "not set" where nothing is the default, as in the contract's <c>"Url": ""</c>.</summary>
    private static bool IsNotSet(IConfigurationSection child, PropertyInfo property, object target)
        => child.Value is "" && !property.IsDefined(typeof(RequiredMemberAttribute)) && property.GetValue(target) is null
        && !OptionTypes.IsSection(property.PropertyType) && !OptionTypes.IsList(property.PropertyType) && !child.GetChildren().Any();

    private object? ReadValue(IConfigurationSection section, Type type, PropertyInfo property)
    {
        if (OptionTypes.IsDictionary(type))
        {
            return ReadDictionary(section, type, property);
        }

        if (OptionTypes.IsList(type))
        {
            return ReadList(section, type, property);
        }

        return OptionTypes.IsSection(type) ? Read(section, type) : ReadScalar(section, type, property);
    }

    private object? ReadScalar(IConfigurationSection section, Type type, PropertyInfo property)
    {
        if (section.GetChildren().Any())
        {
            findings.Error(section.Path, "a single value is expected, not a section or list");
            return null;
        }

        if (ScalarParser.TryParse(section.Value ?? "", type, property, out var value, out var problem))
        {
            return value;
        }

        findings.Error(section.Path, problem);
        return null;
    }

    private IDictionary? ReadDictionary(IConfigurationSection section, Type type, PropertyInfo property)
    {
        var children = section.GetChildren().ToArray();
        if (HasValue(section, "a section of names"))
        {
            return null;
        }

        var result = OptionCollections.Dictionary(type);
        foreach (var child in children)
        {
            if (IsNull(child))
            {
                findings.Error(child.Path, "null is no value; leave the key out instead");
            }
            else if (ReadValue(child, type.GetGenericArguments()[1], property) is { } value)
            {
                result[child.Key] = value;
            }
        }

        return result;
    }

    private IList? ReadList(IConfigurationSection section, Type type, PropertyInfo property)
    {
        var children = section.GetChildren().ToArray();
        if (HasValue(section, "a list"))
        {
            return null;
        }

        if (children.Length == 0 && property.IsDefined(typeof(NotEmptyAttribute)))
        {
            findings.Error(section.Path, "must not be an empty list; name at least one element or leave the key out if it may be absent");
        }

        // A gap comes from an environment variable that meant to change one element: the list is replaced whole, so it would lose others.
        for (var index = 0; index < children.Length; index++)
        {
            if (children[index].Key != index.ToString(System.Globalization.CultureInfo.InvariantCulture))
            {
                findings.Error(children[index].Path, $"a list is expected here, numbered from 0 without gaps; index {index} is missing");
                return null;
            }
        }

        var result = OptionCollections.List(type);
        foreach (var child in children)
        {
            if (IsNull(child))
            {
                findings.Error(child.Path, "null is no element of a list");
            }
            else
            {
                // An unreadable element keeps its place as null or default, so that the rules name the ones behind it by their own index.
                var element = type.GetGenericArguments()[0];
                result.Add(ReadValue(child, element, property) ?? (element.IsValueType ? Activator.CreateInstance(element) : null));
            }
        }

        return result;
    }

    private bool HasValue(IConfigurationSection section, string expected)
    {
        if (string.IsNullOrEmpty(section.Value))
        {
            return false;
        }

        findings.Error(section.Path, $"{expected} is expected, not the value {Quoted.Text(section.Value)}");
        return true;
    }

    private static bool IsNull(IConfigurationSection section) => section.Value is null && !section.GetChildren().Any();

    private static PropertyInfo? Find(PropertyInfo[] properties, string key) => Array.Find(properties, property => Is(property, key));

    private static bool Is(PropertyInfo property, string key) => string.Equals(property.Name, key, StringComparison.OrdinalIgnoreCase);
}
