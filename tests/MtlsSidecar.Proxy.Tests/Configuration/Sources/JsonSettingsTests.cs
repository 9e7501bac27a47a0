using System.Text;
using MtlsSidecar.Proxy.Configuration.Sources;

namespace MtlsSidecar.Proxy.Tests.Configuration.Sources;

public sealed class JsonSettingsTests
{
    [Fact]
    public void Document_IsFlattened()
    {
        var layer = Read("""{ "A": { "B": [ 1, true, "x", { "C": null } ], "E": [], "O": {} }, /* why */ "N": -1.5e3, }""");

        layer.Values.Should().BeEquivalentTo(new Dictionary<string, string?>
        {
            ["A:B:0"] = "1",
            ["A:B:1"] = "true",
            ["A:B:2"] = "x",
            ["A:B:3:C"] = null,
            ["A:E"] = "",
            ["A:O"] = "",
            ["N"] = "-1.5e3",
        });
        layer.Lists.Should().BeEquivalentTo("A:B", "A:E");
    }

    [Fact]
    public void ByteOrderMark_IsPassedOver()
        => JsonSettings.TryRead([0xEF, 0xBB, 0xBF, .. "{}"u8], out _, out _).Should().BeTrue();

    [Theory]
    [InlineData("", "line 1: ")]
    [InlineData("[]", "line 1: the file must hold one JSON object")]
    [InlineData("{\n\n  \"A\": oops }", "line 3: 'o' is an invalid start of a value")]
    [InlineData("{ \"A\": 1", "line 1: ")]
    [InlineData("{} {}", "line 1: ")]
    [InlineData("{\n \"A\": 1,\n \"A\": 2 }", "line 3: the key 'A' is given twice")]
    [InlineData("{ \"A\": { \"x\": 1 },\n \"a\": { \"y\": 2 } }", "line 2: the key 'a' is given twice")]
    [InlineData("{ \"A:B\": 1 }", "line 1: the key 'A:B' must not be empty or contain a colon")]
    [InlineData("{ \"\": 1 }", "line 1: the key '' must not be empty")]
    public void BadDocument_IsRefusedWithItsLine(string json, string problem)
    {
        JsonSettings.TryRead(Encoding.UTF8.GetBytes(json), out _, out var reported).Should().BeFalse();
        reported.Should().StartWith(problem);
    }

    [Fact]
    public void TextThatIsNotUtf8_IsRefused()
        => JsonSettings.TryRead([.. "{ \"A\": \""u8, 0xFF, 0xFE, .. "\" }"u8], out _, out _).Should().BeFalse();

    [Fact]
    public void DocumentDeeperThanAnySetting_IsRefused()
        => JsonSettings.TryRead(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"A\":", 100_000))), out _, out _).Should().BeFalse();

    private static SettingsLayer Read(string json)
    {
        JsonSettings.TryRead(Encoding.UTF8.GetBytes(json), out var layer, out var problem).Should().BeTrue(problem);
        return layer!;
    }
}
