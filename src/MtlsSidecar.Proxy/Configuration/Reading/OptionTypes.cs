using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace MtlsSidecar.Proxy.Configuration.Reading;

/// <summary>The few shapes that option types are made of: sections, lists, sections of names, and single values.</summary>
internal static class OptionTypes
{
    /// <summary>The properties that a configuration may set, in their order of declaration.</summary>
    public static PropertyInfo[] PropertiesOf(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] Type type)
        => [.. type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(property => property.CanWrite)];

    public static bool IsSection(Type type) => type.IsClass && type.Name.EndsWith("Options", StringComparison.Ordinal);

    public static bool IsList(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>);

    public static bool IsDictionary(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>);
}
