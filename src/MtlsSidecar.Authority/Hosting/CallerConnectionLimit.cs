using System.Collections.Concurrent;

namespace MtlsSidecar.Authority.Hosting;

/// <summary>
/// So many connections of each caller: whoever opens thousands and says nothing on them must not use up those of everybody else.
/// </summary>
internal sealed class CallerConnectionLimit(int limit)
{
    private readonly ConcurrentDictionary<string, int> _held = new();

    /// <summary>Counts a connection; false, and not counted, when the caller holds too many.</summary>
    public bool TryEnter(string caller)
    {
        if (_held.AddOrUpdate(caller, 1, (_, held) => held + 1) <= limit || limit == 0)
        {
            return true;
        }

        Leave(caller);
        return false;
    }

    /// <summary>A connection that was counted has ended.</summary>
    public void Leave(string caller)
    {
        if (_held.AddOrUpdate(caller, 0, (_, held) => held - 1) == 0)
        {
            // Only if it is still none: one that came in between is kept.
            _held.TryRemove(new KeyValuePair<string, int>(caller, 0));
        }
    }
}
