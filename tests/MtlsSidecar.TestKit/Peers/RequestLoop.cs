using System.Collections.Concurrent;

namespace MtlsSidecar.TestKit.Peers;

/// <summary>Some callers that send one request after the other until they are stopped, and keep every failure with its cause.</summary>
public sealed class RequestLoop
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly Task _callers;
    private long _succeeded;

    private RequestLoop(int callers, Func<Task<HttpResponseMessage>> call)
    {
        _callers = Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => CallAsync(call))));
    }

    /// <summary>Answers with 200 so far.</summary>
    public long Succeeded => Interlocked.Read(ref _succeeded);

    /// <summary>Everything else so far.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    public static RequestLoop Start(int callers, Func<Task<HttpResponseMessage>> call) => new(callers, call);

    /// <summary>Waits until that many more requests have succeeded.</summary>
    public Task ProgressAsync(long more)
    {
        var target = Succeeded + more;
        return Time.Eventually.HoldsAsync(() => Succeeded >= target || !_failures.IsEmpty, $"{more} more requests");
    }

    /// <summary>Lets each caller finish its request, and ends.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _callers;
    }

    private async Task CallAsync(Func<Task<HttpResponseMessage>> call)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var response = await call();
                if (response.IsSuccessStatusCode)
                {
                    await response.Content.ReadAsByteArrayAsync();
                    Interlocked.Increment(ref _succeeded);
                }
                else
                {
                    _failures.Enqueue($"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
                }
            }
            catch (Exception exception)
            {
                _failures.Enqueue(exception.ToString());
            }
        }
    }
}
