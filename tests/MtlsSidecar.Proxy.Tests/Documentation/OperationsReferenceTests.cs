using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Http;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Tests.Documentation;

/// <summary>Holds the tables of docs/operations.md to the code: reasons of HTTP errors, log events and reasons of refusals, each of them and no other.</summary>
public sealed partial class OperationsReferenceTests
{
    private const BindingFlags Static = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    [Fact]
    public void EveryReasonOfAnHttpError_IsDocumentedWithItsStatus()
    {
        var documented = ProblemRow().Matches(Section("HTTP errors")).Select(row => $"{row.Groups["reason"]} {row.Groups["status"]}");

        documented.Should().BeEquivalentTo(
            typeof(ProblemReason).GetProperties(Static).Select(property => (ProblemReason)property.GetValue(null)!).Select(reason => $"{reason.Name} {reason.Status}"));
    }

    [Fact]
    public void EveryLogEvent_IsDocumentedWithLevelAndProperties()
    {
        var documented = EventRow().Matches(Section("Logs")).Select(row => $"{row.Groups["event"]} | {row.Groups["level"]} | {row.Groups["properties"]}");

        documented.Should().BeEquivalentTo(typeof(ProblemReason).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(Static))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>()
            .Select(message => $"{message.EventName} | {message.Level.ToString().ToLowerInvariant()} | {Properties(message.Message)}"));
    }

    [Fact]
    public void EveryReasonOfARefusal_IsDocumentedOnce()
    {
        var documented = RefusalRow().Matches(Section("Refusals and what to do")).SelectMany(row => Word().Matches(row.Groups["reasons"].Value)).Select(word => word.Value);

        documented.Should().BeEquivalentTo(Enum.GetNames<RejectionReason>());
    }

    /// <summary>The names in a message's template, which are the properties of the log line.</summary>
    private static string Properties(string template) => string.Join(", ", Placeholder().Matches(template).Select(name => $"`{name.Groups["name"]}`"));

    private static string Section(string heading)
        => Repository.Read("docs/operations.md").Split("\n## ").Single(section => section.StartsWith(heading + "\n", StringComparison.Ordinal));

    [GeneratedRegex(@"^\| `(?<reason>\w+)` \| (?<status>\d+) \|", RegexOptions.Multiline)]
    private static partial Regex ProblemRow();

    [GeneratedRegex(@"^\| `(?<event>\w+)` \| (?<level>\w+) \| (?<properties>[^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex EventRow();

    [GeneratedRegex(@"^\| (?<reasons>`[^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex RefusalRow();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\{(?<name>\w+)\}")]
    private static partial Regex Placeholder();
}
