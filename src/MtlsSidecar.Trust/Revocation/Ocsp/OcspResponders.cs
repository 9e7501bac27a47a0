namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>
/// Which responders don't answer at all. One that failed a few times in a row is left alone for a while, whichever certificate is asked for:
/// else a dead responder would cost every new peer the time-out.
/// </summary>
internal sealed class OcspResponders(TimeProvider timeProvider)
{
    private const int FailuresBeforePause = 3;
    private const int MaxKnown = 1024;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (int Failures, DateTimeOffset NotBefore)> _failing = [];

    /// <summary>Whether asking may bring something.</summary>
    public bool MayAsk(string url)
    {
        lock (_gate)
        {
            return !_failing.TryGetValue(url, out var state) || state.NotBefore <= timeProvider.GetUtcNow();
        }
    }

    /// <summary>It answered, well or not.</summary>
    public void Answered(string url)
    {
        lock (_gate)
        {
            _failing.Remove(url);
        }
    }

    /// <summary>It gave no answer.</summary>
    public void Failed(string url)
    {
        lock (_gate)
        {
            // Names come from certificates whose path holds, and still there may be many: to forget them costs a time-out each.
            if (_failing.Count >= MaxKnown)
            {
                _failing.Clear();
            }

            var failures = _failing.GetValueOrDefault(url).Failures + 1;
            var pause = failures < FailuresBeforePause ? TimeSpan.Zero : FirstPause * Math.Pow(2, Math.Min(failures - FailuresBeforePause, 10));
            _failing[url] = (failures, timeProvider.GetUtcNow() + (pause < LongestPause ? pause : LongestPause));
        }
    }
}
