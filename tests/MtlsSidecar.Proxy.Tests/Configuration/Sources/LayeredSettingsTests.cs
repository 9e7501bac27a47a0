using Microsoft.Extensions.Configuration;

namespace MtlsSidecar.Proxy.Tests.Configuration.Sources;

public sealed class LayeredSettingsTests
{
    private const string TwoPrincipals =
        """{ "Sidecar": { "L": [ "a", "b" ], "S": { "x": "1", "y": "2" }, "P": [ { "Name": "first", "Rules": [ "r" ] }, { "Name": "second" } ] } }""";

    [Fact]
    public void ListOfALaterFile_ReplacesTheEarlierOneWhole()
        => Values(TwoPrincipals, """{ "Sidecar": { "L": [ "c" ] } }""").Should().Contain("Sidecar:L:0", "c").And.NotContainKey("Sidecar:L:1");

    [Fact]
    public void EmptyListOfALaterFile_LeavesNothingOfTheEarlierOne()
        => Values(TwoPrincipals, """{ "Sidecar": { "L": [] } }""").Should().Contain("Sidecar:L", "").And.NotContainKey("Sidecar:L:0");

    [Fact]
    public void ListOfTheEnvironment_ReplacesThatOfFiles()
    {
        var values = SampleConfiguration.Merge([TwoPrincipals], new() { ["Sidecar__P__0__Name"] = "third" }).AsEnumerable().ToDictionary();

        values.Should().Contain("Sidecar:P:0:Name", "third").And.NotContainKeys("Sidecar:P:0:Rules:0", "Sidecar:P:1:Name");
    }

    [Fact]
    public void ListInAnotherCase_IsTheSameList()
        => Values(TwoPrincipals, """{ "sidecar": { "l": [ "c" ] } }""").Should().NotContainKey("Sidecar:L:1");

    [Fact]
    public void EmptyVariable_ClearsAListOfFiles()
        => SampleConfiguration.Merge([TwoPrincipals], new() { ["Sidecar__L"] = "" }).AsEnumerable().ToDictionary()
            .Should().Contain("Sidecar:L", "").And.NotContainKey("Sidecar:L:0");

    [Fact]
    public void SectionsOfLaterFiles_AreMergedByKey()
        => Values(TwoPrincipals, """{ "Sidecar": { "S": { "y": "3" } } }""", """{ "Sidecar": { "S": {} } }""")
            .Should().Contain("Sidecar:S:x", "1").And.Contain("Sidecar:S:y", "3");

    [Fact]
    public void ListsWhoseNamesBeginAlike_AreApart()
        => Values("""{ "A": [ "1" ], "AB": [ "2" ] }""", """{ "A": [] }""").Should().Contain("AB:0", "2");

    [Fact]
    public void VariablesOfOtherSections_AreNotRead()
        => SampleConfiguration.Merge(["{}"], new()
        {
            ["ASPNETCORE_URLS"] = "http://0.0.0.0:1",
            ["Kestrel__Endpoints__a__Url"] = "http://0.0.0.0:2",
            ["DOTNET_URLS"] = "x",
            ["SIDECAR_PORT"] = "tcp://10.0.0.1:80",
            ["Sidecar"] = "x",
        }).AsEnumerable().Should().BeEmpty();

    private static Dictionary<string, string?> Values(params string[] files) => SampleConfiguration.Merge(files).AsEnumerable().ToDictionary();
}
