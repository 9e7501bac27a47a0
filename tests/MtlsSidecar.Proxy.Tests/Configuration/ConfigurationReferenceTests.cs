using System.Collections;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Configuration.Constraints;
using MtlsSidecar.Proxy.Configuration.Reading;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Proxy.Tests.Configuration;

/// <summary>Holds docs/configuration.md to the code: every key with its values, default and reload, and no other.</summary>
public sealed partial class ConfigurationReferenceTests
{
    [Fact]
    public void EveryKey_IsDocumentedAsItIs()
    {
        var documented = Rows().Matches(Repository.Read("docs/configuration.md"))
            .Select(row => string.Join(" | ", row.Groups.Values.Skip(1).Select(cell => cell.Value)));

        documented.Should().BeEquivalentTo(Keys(typeof(SidecarOptions), "Sidecar", live: false));
    }

    private static IEnumerable<string> Keys(Type section, string key, bool live)
    {
        var instance = Activator.CreateInstance(section)!;
        foreach (var property in OptionTypes.PropertiesOf(section))
        {
            var path = $"{key}:{property.Name}";
            var reloadable = property.GetCustomAttribute<ReloadableAttribute>()?.IsReloadable ?? live;
            var nested = property.PropertyType switch
            {
                var type when OptionTypes.IsSection(type) => Keys(type, path, reloadable),
                var type when OptionTypes.IsDictionary(type) => Keys(type.GetGenericArguments()[1], path + ":NAME", reloadable),
                var type when OptionTypes.IsList(type) && OptionTypes.IsSection(type.GetGenericArguments()[0])
                    => Keys(type.GetGenericArguments()[0], path + ":N", reloadable),
                _ => [$"{path} | {Values(property)} | {Default(property, instance)} | {(reloadable ? "live" : "restart")}"],
            };
            foreach (var row in nested)
            {
                yield return row;
            }
        }
    }

    private static string Values(PropertyInfo property)
        => OptionTypes.IsList(property.PropertyType)
            ? $"list of {Kind(property.PropertyType.GetGenericArguments()[0], property)}{(property.PropertyType == typeof(List<EndpointAddress>) ? "es" : "s")}"
            : Kind(property.PropertyType, property);

    private static string Kind(Type type, PropertyInfo property) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        { IsEnum: true } choice => string.Join(", ", Enum.GetNames(choice)),
        var t when t == typeof(bool) => "true or false",
        var t when t == typeof(int) && property.GetCustomAttribute<IntegerRangeAttribute>() is { } range => $"number, {range.Minimum} to {range.Maximum}",
        var t when t == typeof(TimeSpan) && property.GetCustomAttribute<DurationRangeAttribute>() is { } range
            => $"duration, {range.Minimum} to {range.Maximum}",
        var t when t == typeof(Uri) => "URL",
        var t when t == typeof(EndpointAddress) => "address",
        var t when t == typeof(IPNetwork) => "network",
        var t when t == typeof(IdentityPattern) => "identity pattern",
        var t when t == typeof(TrustDomain) => "trust domain",
        var t when t == typeof(string) => "text",
        var t => throw new NotSupportedException($"{property.Name}: {t} has no range or no name in the reference."),
    };

    private static string Default(PropertyInfo property, object instance)
    {
        var value = property.GetValue(instance) switch
        {
            IList list => string.Join(", ", list.Cast<object>()),
            bool truth => truth ? "true" : "false",
            var other => Convert.ToString(other, CultureInfo.InvariantCulture) ?? "",
        };
        return property.IsDefined(typeof(RequiredMemberAttribute)) ? "required" : value.Length == 0 ? "none" : value;
    }

    [GeneratedRegex(@"^\| `(Sidecar:[^`]+)` \| ([^|]+) \| `?([^|`]+)`? \| (\w+) \|", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
