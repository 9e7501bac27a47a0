namespace MtlsSidecar.Proxy.Listeners;

/// <summary>The last refusals, newest first, in bounded memory.</summary>
internal sealed class RecentRefusals
{
    private const int Capacity = 50;
    private readonly Queue<Refusal> _refusals = new(Capacity);

    /// <summary>Adds one and forgets the oldest beyond the bound.</summary>
    public void Add(Refusal refusal)
    {
        lock (_refusals)
        {
            if (_refusals.Count == Capacity)
            {
                _refusals.Dequeue();
            }

            _refusals.Enqueue(refusal);
        }
    }

    /// <summary>The refusals, newest first.</summary>
    public IReadOnlyList<Refusal> Snapshot()
    {
        lock (_refusals)
        {
            return [.. _refusals.Reverse()];
        }
    }
}
