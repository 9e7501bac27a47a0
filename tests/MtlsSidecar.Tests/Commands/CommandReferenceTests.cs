using System.CommandLine;
using System.Text.Json;
using System.Text.RegularExpressions;
using MtlsSidecar.Commands;
using MtlsSidecar.Validation;

namespace MtlsSidecar.Tests.Commands;

/// <summary>Holds docs/commands.md to the code: every command, argument and option of mtls-sidecar with its description, every key of a batch, and no other.</summary>
public sealed partial class CommandReferenceTests
{
    [Fact]
    public void EveryCommandAndOption_IsDocumentedAsItIs()
    {
        var documented = Documented(Section("mtls-sidecar"));

        documented.Should().BeEquivalentTo(CommandLine.CreateRoot().Subcommands.SelectMany(Rows));
    }

    [Fact]
    public void WithoutACommand_ItRuns()
    {
        var root = CommandLine.CreateRoot();

        Symbols(root).Should().BeEquivalentTo(Symbols(root.Subcommands.Single(command => command.Name == "run")));
    }

    [Fact]
    public void EveryKeyOfABatchLine_IsDocumented()
    {
        var documented = BatchRow().Matches(Section("A batch for validate")).SelectMany(row => Word().Matches(row.Groups["keys"].Value)).Select(word => word.Value);

        documented.Should().BeEquivalentTo(typeof(BatchLine).GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)));
    }

    private static IEnumerable<string> Rows(Command command)
        => Symbols(command).Select(symbol => $"{command.Name}: {symbol}").Prepend($": {command.Name} | {command.Description}");

    private static IEnumerable<string> Symbols(Command command)
        =>
        [
            .. command.Arguments.Select(argument => $"{argument.HelpName ?? argument.Name} | {argument.Description}"),

            // Help and version are the parser's own and the same everywhere.
            .. command.Options.Where(option => option.GetType().IsGenericType)
                .Select(option => $"{option.Name}{(option.HelpName is null ? "" : " " + option.HelpName)} | {option.Description}"),
        ];

    /// <summary>The rows of a program's tables, each with the command whose heading it stands under.</summary>
    private static List<string> Documented(string section)
    {
        var (command, rows) = ("", new List<string>());
        foreach (var line in section.Split('\n'))
        {
            command = line.StartsWith("### ", StringComparison.Ordinal) ? line["### ".Length..] : command;
            if (Row().Match(line) is { Success: true } row)
            {
                rows.Add($"{command}: {row.Groups["what"].Value.Replace("\\|", "|", StringComparison.Ordinal)} | {row.Groups["meaning"].Value}");
            }
        }

        return rows;
    }

    private static string Section(string heading)
        => Repository.Read("docs/commands.md").Split("\n## ").Single(section => section.StartsWith(heading + "\n", StringComparison.Ordinal));

    [GeneratedRegex(@"^\| `(?<what>[^`]+)` \| (?<meaning>.+) \|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"^\| (?<keys>`[^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex BatchRow();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
