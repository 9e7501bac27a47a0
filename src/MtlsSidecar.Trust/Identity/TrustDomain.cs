using System.Buffers;

namespace MtlsSidecar.Trust.Identity;

/// <summary>A SPIFFE trust domain name (SPIFFE-ID §2.1), such as <c>foo.test</c>.</summary>
public readonly record struct TrustDomain
{
    private const int MaxLength = 255;
    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-_");
    private readonly string? _name;

    private TrustDomain(string name) => _name = name;

    /// <summary>The name in lower case, without scheme.</summary>
    public string Name => _name ?? throw new InvalidOperationException("An uninitialised trust domain has no name.");

    /// <summary>Reads a trust domain name: 1 to 255 characters of lower-case letters, digits, dot, dash and underscore.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TrustDomain trustDomain)
    {
        if (text.IsEmpty || text.Length > MaxLength || text.ContainsAnyExcept(Allowed))
        {
            trustDomain = default;
            return false;
        }

        trustDomain = new TrustDomain(text.ToString());
        return true;
    }

    /// <summary>Reads a trust domain name that must be well formed.</summary>
    /// <exception cref="FormatException">The text is not a trust domain name.</exception>
    public static TrustDomain Parse(ReadOnlySpan<char> text)
        => TryParse(text, out var trustDomain) ? trustDomain : throw new FormatException($"'{text}' is not a SPIFFE trust domain name.");

    /// <summary>The name.</summary>
    public override string ToString() => _name ?? "";
}
