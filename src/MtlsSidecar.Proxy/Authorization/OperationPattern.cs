namespace MtlsSidecar.Proxy.Authorization;

/// <summary>What a rule is about: every field given must match by one of its values; null matches all.</summary>
internal sealed class OperationPattern
{
    /// <summary>Methods, case-sensitive (RFC 9110 §9.1).</summary>
    public IReadOnlyList<string>? Methods { get; init; }

    /// <summary>Paths.</summary>
    public IReadOnlyList<PathPattern>? Paths { get; init; }

    /// <summary>Listeners, by name.</summary>
    public IReadOnlyList<string>? Listeners { get; init; }

    /// <summary>Whether the request is what the pattern says, no more. A tunnel matches only if neither methods nor paths are named.</summary>
    public bool Matches(AuthorizationRequest request) => MatchesListener(request)
        && (Methods is null || (request.Method is { } method && Methods.Contains(method)))
        && (Paths is null || (request.Target is { } target && MatchesPath(target.DecodedPath)));

    /// <summary>
    /// Whether the request may be what the pattern says. A tunnel always may, whatever methods and paths are named: what goes through it
    /// can't be seen.
    /// </summary>
    public bool MayMatch(AuthorizationRequest request) => MatchesListener(request)
        && (Methods is null || request.Method is not { } method || Methods.Contains(method))
        && (Paths is null || request.Target is null || MatchesAnyReading(request.PathReadings));

    private bool MatchesListener(AuthorizationRequest request)
    {
        if (Listeners is null)
        {
            return true;
        }

        foreach (var listener in Listeners)
        {
            if (listener.Equals(request.Listener, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private bool MatchesPath(string decodedPath)
    {
        foreach (var path in Paths!)
        {
            if (path.Matches(decodedPath))
            {
                return true;
            }
        }

        return false;
    }

    private bool MatchesAnyReading(IReadOnlyList<string> readings)
    {
        foreach (var path in Paths!)
        {
            if (path.MatchesAnyReading(readings))
            {
                return true;
            }
        }

        return false;
    }
}
