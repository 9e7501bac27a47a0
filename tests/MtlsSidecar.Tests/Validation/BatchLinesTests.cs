using MtlsSidecar.Validation;

namespace MtlsSidecar.Tests.Validation;

public sealed class BatchLinesTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("a", new[] { "a" })]
    [InlineData("a\nb\n", new[] { "a", "b" })]
    [InlineData("a\n\nb", new[] { "a", "", "b" })]
    [InlineData("123456\nb", new[] { "!", "b" })]
    [InlineData("b\n123456", new[] { "b", "!" })]
    [InlineData("12345\n", new[] { "12345" })]
    public async Task Lines_AreGivenInOrderAndThoseTooLongDropped(string text, string[] expected)
    {
        using var input = new StringReader(text);
        var lines = new BatchLines(input) { Limit = 5 };
        var read = new List<string>();
        while (await lines.ReadAsync(CancellationToken.None) is { } line)
        {
            read.Add(line.IsTooLong ? "!" : line.Line);
        }

        read.Should().Equal(expected);
    }

    [Fact]
    public async Task LineLongerThanTheBuffer_IsPutTogether()
    {
        var whole = new string('x', 300_000);
        using var input = new StringReader(whole + "\ny");
        var lines = new BatchLines(input);

        (await lines.ReadAsync(CancellationToken.None))!.Value.Line.Should().Be(whole);
        (await lines.ReadAsync(CancellationToken.None))!.Value.Line.Should().Be("y");
    }
}
