using System.Text;
using System.Text.Json;
using MtlsSidecar.Logging;
using Serilog.Events;

namespace MtlsSidecar.Tests.Logging;

public sealed class JsonLinesTests : IDisposable
{
    private readonly JsonLines _lines = new();

    public void Dispose() => _lines.Dispose();

    [Fact]
    public void Event_IsOneLineWithEasyFields()
    {
        _lines.Add(LogEvents.Create("Refused {Peer} after {Attempts}", ("Peer", "spiffe://foo.test/web"), ("Attempts", 3), ("Extra", null)));

        Encoding.UTF8.GetString(_lines.Written).Should().Be(
            """{"timestamp":"2026-01-02T02:04:05.006Z","level":"warning","message":"Refused spiffe://foo.test/web after 3","properties":{"Peer":"spiffe://foo.test/web","Attempts":3,"Extra":null}}"""
            + "\n");
    }

    [Fact]
    public void HostileText_StaysInOneHarmlessLine()
    {
        _lines.Add(LogEvents.Create("{Path}", ("Path", "a\"b\\c\r\n{\"level\":\"x\"}\u001b[2J\u009b\0\ud800é")));

        var text = Encoding.UTF8.GetString(_lines.Written);
        text.Count(character => character == '\n').Should().Be(1);
        text[..^1].Should().NotContainAny("\u001b", "\u009b", "\r", "\0");
        Parse().GetProperty("properties").GetProperty("Path").GetString().Should().Be("a\"b\\c\r\n{\"level\":\"x\"}\u001b[2J\u009b\0\ufffdé");
    }

    [Fact]
    public void LongText_IsCut()
    {
        _lines.Add(LogEvents.Create("{Path}", ("Path", new string('x', 1_000_000))));

        _lines.Written.Length.Should().BeLessThan(10_000);
        Parse().GetProperty("message").GetString().Should().EndWith("…");
    }

    [Fact]
    public void StructuredValues_KeepTheirShape()
    {
        _lines.Add(LogEvents.Create(
            "x",
            ("List", new SequenceValue([new ScalarValue(1L), new ScalarValue(true)])),
            ("Event", new StructureValue([new LogEventProperty("Id", new ScalarValue(7))])),
            ("Map", new DictionaryValue([KeyValuePair.Create(new ScalarValue("k"), (LogEventPropertyValue)new ScalarValue(1.5))])),
            ("Span", TimeSpan.FromSeconds(1)),
            ("NaN", double.NaN)));

        Parse().GetProperty("properties").GetRawText().Should()
            .Be("""{"List":[1,true],"Event":{"Id":7},"Map":{"k":1.5},"Span":"00:00:01","NaN":"NaN"}""");
    }

    [Fact]
    public void ValueDeeperThanAnyOfOurs_EndsTheDescent()
    {
        LogEventPropertyValue value = new ScalarValue(1);
        for (var depth = 0; depth < 1_000; depth++)
        {
            value = new SequenceValue([value]);
        }

        _lines.Add(LogEvents.Create("x", ("Deep", value)));

        Parse().GetProperty("message").GetString().Should().Be("x");
    }

    [Fact]
    public void Exception_IsTold()
    {
        _lines.Add(new LogEvent(DateTimeOffset.UnixEpoch, LogEventLevel.Error, new InvalidOperationException("broken"), MessageTemplate.Empty, []));

        Parse().GetProperty("exception").GetString().Should().Contain("InvalidOperationException: broken");
    }

    private JsonElement Parse() => JsonDocument.Parse(Encoding.UTF8.GetString(_lines.Written)).RootElement;
}
