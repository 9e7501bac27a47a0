namespace MtlsSidecar.Trust.Validation;

/// <summary>Questions under way: what many ask at the same time is asked once, and no peer causes more than its share.</summary>
internal sealed class QuestionsInFlight<TQuestion, TAnswer>(int maxOfOnePeer)
    where TQuestion : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TQuestion, Task<TAnswer>> _asked = [];
    private readonly Dictionary<string, int> _ofPeer = [];

    /// <summary>Joins the question if it is under way, else asks it.</summary>
    /// <param name="peer">Whom it is about.</param>
    /// <param name="question">The question.</param>
    /// <param name="ask">Asks it, on another thread; gives up by itself in time.</param>
    /// <returns>The answer to wait for; null when as many questions about that peer are under way as may be.</returns>
    public Task<TAnswer>? TryAsk(string peer, TQuestion question, Func<Task<TAnswer>> ask)
    {
        lock (_gate)
        {
            if (_asked.TryGetValue(question, out var asked))
            {
                return asked;
            }

            var others = _ofPeer.GetValueOrDefault(peer);
            if (others >= maxOfOnePeer)
            {
                return null;
            }

            _ofPeer[peer] = others + 1;
            return _asked[question] = AskAsync(peer, question, ask);
        }
    }

    private async Task<TAnswer> AskAsync(string peer, TQuestion question, Func<Task<TAnswer>> ask)
    {
        // Out of the caller's lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            return await ask();
        }
        finally
        {
            lock (_gate)
            {
                _asked.Remove(question);
                if (--_ofPeer[peer] == 0)
                {
                    _ofPeer.Remove(peer);
                }
            }
        }
    }
}
