namespace MtlsSidecar.Demo.Output;

/// <summary>Where the story is printed: with colours for a person at a terminal, plain for a file, a pipe, or whoever set <c>NO_COLOR</c>.</summary>
internal sealed class Screen(TextWriter output, bool isTerminal, bool hasColours)
{
    private const string EraseLine = "\r\u001b[K";

    /// <summary>The console.</summary>
    public static Screen OfConsole()
    {
        var isTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";
        return new Screen(Console.Out, isTerminal, isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));
    }

    /// <summary>A line of text.</summary>
    public void Line(string text = "") => output.WriteLine(text);

    /// <summary>A heading.</summary>
    public void Heading(string text) => output.WriteLine(Coloured("1", text));

    /// <summary>What is going on; replaced by the next result. Only a terminal can take it back, so only a terminal gets it.</summary>
    public void Pending(string text)
    {
        if (isTerminal)
        {
            output.Write($"    .. {text}");
        }
    }

    /// <summary>How it went.</summary>
    public void Result(bool isGood, string text)
    {
        if (isTerminal)
        {
            output.Write(EraseLine);
        }

        output.WriteLine($"{(isGood ? Coloured("32", "    ok") : Coloured("31", "FAILED"))} {text}");
    }

    /// <summary>What explains the line before.</summary>
    public void Detail(string text) => output.WriteLine(Coloured("2", $"          {text}"));

    /// <summary>Why there is no story.</summary>
    public void Failure(string text) => output.WriteLine($"{Coloured("31", "FAILED")} {text}");

    private string Coloured(string colour, string text) => hasColours ? $"\u001b[{colour}m{text}\u001b[0m" : text;
}
