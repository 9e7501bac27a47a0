using System.Text.RegularExpressions;

namespace MtlsSidecar.Tests;

/// <summary>What keeps the house in shape and no compiler checks: the direction of references, one type a file, event ids, the root's entries.</summary>
public sealed partial class RepositoryShapeTests
{
    private static readonly string Root = Repository.Root;

    private static readonly Dictionary<string, string[]> ExpectedReferences = new()
    {
        ["MtlsSidecar.Trust"] = [],
        ["MtlsSidecar.Proxy"] = ["MtlsSidecar.Trust"],
        ["MtlsSidecar.Authority"] = ["MtlsSidecar.Trust"],
        ["MtlsSidecar"] = ["MtlsSidecar.Proxy"],
        ["MtlsSidecar.Demo"] = ["MtlsSidecar", "MtlsSidecar.Authority"],
    };

    private static readonly string[] RootEntries =
        ["src", "tests", "deploy", "docs", "MtlsSidecar.sln", "Directory.Build.props", "Directory.Packages.props", "README.md", "artifacts"];

    public static TheoryData<string> Projects => [.. ExpectedReferences.Keys];

    [Fact]
    public void EveryProject_HasAnExpectation()
        => Directory.GetDirectories(Path.Combine(Root, "src")).Select(Path.GetFileName).Should().BeEquivalentTo(ExpectedReferences.Keys);

    [Theory]
    [MemberData(nameof(Projects))]
    public void ProjectReferences_GoOneWay(string project)
    {
        var references = ProjectReference().Matches(File.ReadAllText(Path.Combine(Root, "src", project, project + ".csproj")))
            .Select(match => match.Groups["name"].Value);

        references.Should().BeEquivalentTo(ExpectedReferences[project]);
    }

    [Fact]
    public void EveryFile_HoldsOneTopLevelTypeOfItsName()
    {
        var offenders = SourceFiles()
            .Select(file => (File: file, Types: TopLevelType().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value).Distinct().ToList()))
            .Where(found => found.Types.Count > 0 && (found.Types.Count > 1 || found.Types[0] != Path.GetFileNameWithoutExtension(found.File).Split('.')[0]))
            .Select(found => $"{Path.GetRelativePath(Root, found.File)}: {string.Join(", ", found.Types)}");

        offenders.Should().BeEmpty();
    }

    [Fact]
    public void EventIds_AreUniqueInEachProgram()
    {
        foreach (var program in new[] { new[] { "MtlsSidecar", "MtlsSidecar.Proxy", "MtlsSidecar.Trust" }, ["MtlsSidecar.Authority"] })
        {
            var ids = SourceFiles()
                .Where(file => program.Contains(Path.GetRelativePath(Path.Combine(Root, "src"), file).Split(Path.DirectorySeparatorChar)[0]))
                .SelectMany(file => EventId().Matches(File.ReadAllText(file)).Select(match => match.Groups["id"].Value))
                .ToList();

            ids.Should().NotBeEmpty().And.OnlyHaveUniqueItems();
        }
    }

    [Fact]
    public void Root_HoldsOnlyWhatBelongsThere()
        => Directory.GetFileSystemEntries(Root).Select(Path.GetFileName).Where(name => !name!.StartsWith('.')).Should().BeSubsetOf(RootEntries);

    private static IEnumerable<string> SourceFiles() => Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories);

    [GeneratedRegex("<ProjectReference\\s+Include=\"(?:[^\"]*[/\\\\])?(?<name>[^/\\\\\"]+)\\.csproj\"")]
    private static partial Regex ProjectReference();

    [GeneratedRegex(@"^(?:public|internal)\s(?:[a-z]+\s)*(?:class|interface|enum|delegate\s[\w<>?]+|record(?:\sstruct|\sclass)?|struct)\s(?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex TopLevelType();

    [GeneratedRegex(@"\[LoggerMessage\(\s*(?:EventId\s*=\s*)?(?<id>\d+)")]
    private static partial Regex EventId();
}
