using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Reflection;
using MtlsSidecar.Proxy.Configuration.Constraints;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Proxy.Configuration.Reading;

/// <summary>Reads single values into the types of options, and says what is wrong with those that don't fit.</summary>
internal static class ScalarParser
{
    /// <summary>Reads a value.</summary>
    /// <param name="text">The text as configured.</param>
    /// <param name="type">The type wanted: of the property, or of the elements of its list.</param>
    /// <param name="property">The property, for its range.</param>
    /// <param name="value">The value.</param>
    /// <param name="problem">What is wrong and what would be right.</param>
    public static bool TryParse(string text, Type type, PropertyInfo property, out object? value, [NotNullWhen(false)] out string? problem)
    {
        problem = (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var t when t == typeof(string) => Accept(text, out value),
            var t when t == typeof(bool) => ParseBoolean(text, out value),
            var t when t == typeof(int) => ParseInteger(text, property.GetCustomAttribute<IntegerRangeAttribute>(), out value),
            var t when t == typeof(TimeSpan) => ParseDuration(text, property.GetCustomAttribute<DurationRangeAttribute>(), out value),
            { IsEnum: true } t => ParseEnum(text, t, out value),
            var t when t == typeof(Uri) => ParseUri(text, out value),
            var t when t == typeof(EndpointAddress) => ParseAddress(text, out value),
            var t when t == typeof(IPNetwork) => ParseNetwork(text, out value),
            var t when t == typeof(IdentityPattern) => ParsePattern(text, out value),
            var t when t == typeof(TrustDomain) => ParseTrustDomain(text, out value),
            var t => throw new NotSupportedException($"Options of type {t} can't be read."),
        };
        return problem is null;
    }

    private static string? Accept(object parsed, out object? value)
    {
        value = parsed;
        return null;
    }

    private static string? ParseBoolean(string text, out object? value)
    {
        value = bool.TryParse(text, out var parsed) ? parsed : null;
        return value is null ? $"{Quoted.Text(text)} is neither true nor false" : null;
    }

    private static string? ParseInteger(string text, IntegerRangeAttribute? range, out object? value)
    {
        var (minimum, maximum) = (range?.Minimum ?? int.MinValue, range?.Maximum ?? int.MaxValue);
        value = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
        return value is not null && parsed >= minimum && parsed <= maximum
            ? null
            : $"{Quoted.Text(text)} is not a whole number from {minimum} to {maximum}";
    }

    private static string? ParseDuration(string text, DurationRangeAttribute? range, out object? value)
    {
        value = DurationText.TryParse(text, out var parsed) ? parsed : null;
        if (value is null)
        {
            return $"{Quoted.Text(text)} is not a duration, written as hh:mm:ss or days.hh:mm:ss";
        }

        return range is null || (parsed >= DurationText.Parse(range.Minimum) && parsed <= DurationText.Parse(range.Maximum))
            ? null
            : $"{Quoted.Text(text)} is out of range; legal is {range.Minimum} to {range.Maximum}";
    }

    private static string? ParseEnum(string text, Type type, out object? value)
    {
        // By name only: Enum.Parse takes any number and lists of names.
        var name = Array.Find(Enum.GetNames(type), name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase));
        value = name is null ? null : Enum.Parse(type, name);
        return value is null ? $"{Quoted.Text(text)} is unknown; legal are {string.Join(", ", Enum.GetNames(type))}" : null;
    }

    private static string? ParseUri(string text, out object? value)
    {
        value = Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0
                ? uri
                : null;
        return value is null ? $"{Quoted.Text(text)} is not an absolute http or https URL without user and fragment" : null;
    }

    private static string? ParseAddress(string text, out object? value)
    {
        var problem = EndpointAddress.TryParse(text, out var address, out var reason) ? null : $"{Quoted.Text(text)} {reason}";
        value = address;
        return problem;
    }

    private static string? ParseNetwork(string text, out object? value)
    {
        value = IPNetwork.TryParse(text, out var network) && network.ToString() == text ? network : null;
        return value is null ? $"{Quoted.Text(text)} is not a network such as 10.0.0.0/8, 192.0.2.7/32 or fd00::/8, with no bit set beyond its length" : null;
    }

    private static string? ParsePattern(string text, out object? value)
    {
        value = IdentityPattern.TryParse(text, out var pattern) ? pattern : null;
        return value is null
            ? $"{Quoted.Text(text)} is not an identity pattern: spiffe://domain/path with a literal domain, dns:NAME or ip:ADDRESS"
            : null;
    }

    private static string? ParseTrustDomain(string text, out object? value)
    {
        value = TrustDomain.TryParse(text, out var domain) ? domain : null;
        return value is null ? $"{Quoted.Text(text)} is not a trust domain name: lower-case letters, digits, dot, dash and underscore" : null;
    }
}
