using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace MtlsSidecar.Trust.Validation;

/// <summary>Remembers values until they end, and no more of them than it may.</summary>
internal sealed class ExpiringCache<TKey, TValue>(int capacity)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Entry> _entries = new();
    private readonly Lock _makingRoom = new();

    private sealed record Entry(TValue Value, DateTimeOffset ValidUntil);

    /// <summary>Gives a value that has not ended.</summary>
    public bool TryGet(TKey key, DateTimeOffset now, [MaybeNullWhen(false)] out TValue value)
    {
        var found = _entries.TryGetValue(key, out var entry) && now < entry.ValidUntil;
        value = found ? entry!.Value : default;
        return found;
    }

    /// <summary>Remembers a value in place of an earlier one under the same key. When full, the tenth that ends first is forgotten.</summary>
    public void Add(TKey key, TValue value, DateTimeOffset validUntil)
    {
        if (_entries.Count >= capacity && !_entries.ContainsKey(key))
        {
            MakeRoom();
        }

        _entries[key] = new Entry(value, validUntil);
    }

    /// <summary>A tenth at once, so that the sorting is paid for once in many additions; never all, or every known peer would be judged anew.</summary>
    private void MakeRoom()
    {
        lock (_makingRoom)
        {
            foreach (var (key, _) in _entries.ToArray().OrderBy(entry => entry.Value.ValidUntil).Take(_entries.Count - capacity + 1 + (capacity / 10)))
            {
                _entries.TryRemove(key, out _);
            }
        }
    }
}
