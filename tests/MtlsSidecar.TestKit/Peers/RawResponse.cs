using System.Globalization;

namespace MtlsSidecar.TestKit.Peers;

/// <summary>An HTTP/1.1 response read off the wire by hand.</summary>
public sealed record RawResponse(int Status, string Head, string Body)
{
    /// <summary>Reads the first response of a text; status 0 if there is none.</summary>
    public static RawResponse Parse(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0 || !text.StartsWith("HTTP/1.1 ", StringComparison.Ordinal))
        {
            return new RawResponse(0, text, "");
        }

        return new RawResponse(int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture), text[..end], text[(end + 4)..]);
    }

    /// <summary>The <c>reason</c> of a problem+json body, or null.</summary>
    public string? Reason => Problem.ReasonOf(Body[Math.Max(0, Body.IndexOf('{'))..]);
}
