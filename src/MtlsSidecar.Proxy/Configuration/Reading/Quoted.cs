namespace MtlsSidecar.Proxy.Configuration.Reading;

/// <summary>Values as they are shown in messages: short, and without characters that could act on a terminal.</summary>
internal static class Quoted
{
    private const int MaxLength = 100;

    public static string Text(string value)
    {
        var shown = value.Length > MaxLength ? value[..MaxLength] + "…" : value;
        return "'" + string.Concat(shown.Select(character => char.IsControl(character) ? '?' : character)) + "'";
    }
}
