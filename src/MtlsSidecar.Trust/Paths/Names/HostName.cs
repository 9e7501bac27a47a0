using System.Buffers;

namespace MtlsSidecar.Trust.Paths.Names;

/// <summary>Host names as they stand in certificates: letters, digits, dash and underscore in labels of 1 to 63 characters.</summary>
internal static class HostName
{
    private const int MaxLength = 253;
    private const int MaxLabelLength = 63;
    private static readonly SearchValues<char> LabelCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    /// <summary>
    /// Whether a name can be compared with others label by label. The underscore is in common use, though RFC 1034 doesn't know it.
    /// </summary>
    public static bool IsWellFormed(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || name.Length > MaxLength)
        {
            return false;
        }

        foreach (var range in name.Split('.'))
        {
            var label = name[range];
            if (label.IsEmpty || label.Length > MaxLabelLength || label.ContainsAnyExcept(LabelCharacters))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Whether a name is in the preferred syntax that RFC 5280 §4.2.1.6 demands (RFC 1034 §3.5, RFC 1123 §2.1): letters, digits and dashes,
    /// no dash at the ends of a label. Only such a name is one by which a peer can be known.
    /// </summary>
    public static bool IsPreferred(ReadOnlySpan<char> name)
    {
        if (!IsWellFormed(name) || name.Contains('_'))
        {
            return false;
        }

        foreach (var range in name.Split('.'))
        {
            if (name[range] is ['-', ..] or [.., '-'])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a name is the ancestor or below it.</summary>
    public static bool IsWithin(ReadOnlySpan<char> name, ReadOnlySpan<char> ancestor)
        => ancestor.IsEmpty || name.Equals(ancestor, StringComparison.OrdinalIgnoreCase) || IsBelow(name, ancestor);

    /// <summary>Whether a name is below the ancestor.</summary>
    public static bool IsBelow(ReadOnlySpan<char> name, ReadOnlySpan<char> ancestor)
        => name.Length > ancestor.Length && name[^(ancestor.Length + 1)] == '.' && name.EndsWith(ancestor, StringComparison.OrdinalIgnoreCase);
}
