using System.CommandLine;
using System.Text.RegularExpressions;
using MtlsSidecar.Authority.Commands;

namespace MtlsSidecar.Authority.Tests.Commands;

/// <summary>Holds docs/commands.md to the code: every command, argument and option of mtls-authority, and no other.</summary>
public sealed partial class CommandReferenceTests
{
    private static readonly string[] Common = ["--data DIR", "--passphrase-file FILE", "--root-key FILE"];

    [Fact]
    public void EveryCommandAndOption_IsDocumented()
        => DocumentedRows().Should().BeEquivalentTo(Leaves(CommandLine.CreateRoot(), "").SelectMany(leaf => Rows(leaf.Name, leaf.Command)));

    [Fact]
    public void EveryCommand_TakesTheCommonOptions()
    {
        Section().Should().ContainAll(Common.Select(option => $"| `{option}` |"));
        Leaves(CommandLine.CreateRoot(), "").Should().OnlyContain(leaf => Common.All(option => Symbols(leaf.Command).Contains(option)));
    }

    private static IEnumerable<(string Name, Command Command)> Leaves(Command parent, string prefix) => parent.Subcommands.SelectMany(command
        => command.Action is null ? Leaves(command, $"{prefix}{command.Name} ") : Leaves(command, $"{prefix}{command.Name} ").Prepend((prefix + command.Name, command)));

    private static IEnumerable<string> Rows(string name, Command command)
        => Symbols(command).Except(Common).DefaultIfEmpty("").Select(symbol => $"{name}: {symbol}");

    private static IEnumerable<string> Symbols(Command command)
        =>
        [
            .. command.Arguments.Select(argument => argument.HelpName ?? argument.Name),

            // Help is the parser's own.
            .. command.Options.Where(option => option.GetType().IsGenericType).Select(option => $"{option.Name} {option.HelpName}".Trim()),
        ];

    /// <summary>A row without a command belongs to the one above.</summary>
    private static IEnumerable<string> DocumentedRows()
    {
        var command = "";
        foreach (var row in Row().Matches(Section()[Section().IndexOf("| command |", StringComparison.Ordinal)..]).Cast<Match>())
        {
            command = row.Groups["command"] is { Length: > 0 } named ? named.Value : command;
            yield return $"{command}: {row.Groups["symbol"].Value.Replace("\\|", "|", StringComparison.Ordinal)}";
        }
    }

    private static string Section()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "MtlsSidecar.sln")))
        {
            directory = directory.Parent;
        }

        return File.ReadAllText(Path.Combine(directory.FullName, "docs", "commands.md")).Split("\n## ").Single(section => section.StartsWith("mtls-authority\n", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^\| (?:`(?<command>[^`]+)` )?\| (?:`(?<symbol>[^`]+)` )?\| .*\|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
