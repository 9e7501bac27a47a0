using System.Collections.Concurrent;

namespace MtlsSidecar.Demo.Clients;

/// <summary>Several callers that ask <c>orders</c> the same over and over, and take down how it went.</summary>
internal sealed class Load : IAsyncDisposable
{
    private const int Callers = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, byte> _certificates = [];
    private readonly Task _running;
    private int _calls;
    private int _failures;
    private string? _firstFailure;

    public Load(Client client, string path)
        => _running = Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => RepeatAsync(client, path)));

    public int Calls => Volatile.Read(ref _calls);

    public int Failures => Volatile.Read(ref _failures);

    /// <summary>What the first failure was.</summary>
    public string? FirstFailure => Volatile.Read(ref _firstFailure);

    /// <summary>How many different certificates of the caller the called service has seen.</summary>
    public int CertificatesSeen => _certificates.Count;

    /// <summary>Lets the calls of this moment finish, and makes no more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    private async Task RepeatAsync(Client client, string path)
    {
        while (!_stop.IsCancellationRequested)
        {
            if (await TryCallAsync(client, path) is { } failure)
            {
                Interlocked.Increment(ref _failures);
                Interlocked.CompareExchange(ref _firstFailure, failure, null);
            }

            Interlocked.Increment(ref _calls);
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private async Task<string?> TryCallAsync(Client client, string path)
    {
        try
        {
            var answer = await client.SendAsync(HttpMethod.Get, path, CancellationToken.None);
            if (answer.Status != StatusCodes.Status200OK)
            {
                return answer.ToString();
            }

            _certificates.TryAdd(answer.ReadOrder().AskedBy.Certificate, 0);
            return null;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return exception.Message;
        }
    }
}
