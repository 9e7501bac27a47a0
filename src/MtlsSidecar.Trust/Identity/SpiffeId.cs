using System.Buffers;

namespace MtlsSidecar.Trust.Identity;

/// <summary>
/// A SPIFFE ID, read strictly by the SPIFFE-ID standard §2: no query, fragment, port, user info, percent-encoding, empty or dot segment,
/// so that one identity has exactly one spelling and comparison is equality of characters.
/// </summary>
public readonly record struct SpiffeId
{
    private const string Scheme = "spiffe://";
    private const int MaxLength = 2048;
    private static readonly SearchValues<char> AllowedInPath =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_/");

    private SpiffeId(TrustDomain trustDomain, string path)
    {
        TrustDomain = trustDomain;
        Path = path;
    }

    /// <summary>The trust domain that issued the identity.</summary>
    public TrustDomain TrustDomain { get; }

    /// <summary>The path with its leading slash; empty for the trust domain itself (a signing authority, never a workload).</summary>
    public string Path { get; }

    /// <summary>Reads a SPIFFE ID.</summary>
    public static bool TryParse(string? text, out SpiffeId id)
    {
        id = default;
        if (text is null || text.Length > MaxLength || !text.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = text.AsSpan(Scheme.Length);
        var slash = rest.IndexOf('/');
        var domain = slash < 0 ? rest : rest[..slash];
        var path = slash < 0 ? [] : rest[slash..];
        if (!TrustDomain.TryParse(domain, out var trustDomain) || !IsPath(path))
        {
            return false;
        }

        id = new SpiffeId(trustDomain, path.ToString());
        return true;
    }

    /// <summary>The identity as a URI.</summary>
    public override string ToString() => $"{Scheme}{TrustDomain}{Path}";

    private static bool IsPath(ReadOnlySpan<char> path)
    {
        if (path.IsEmpty)
        {
            return true;
        }

        if (path.ContainsAnyExcept(AllowedInPath))
        {
            return false;
        }

        foreach (var range in path[1..].Split('/'))
        {
            if (path[1..][range] is "" or "." or "..")
            {
                return false;
            }
        }

        return true;
    }
}
