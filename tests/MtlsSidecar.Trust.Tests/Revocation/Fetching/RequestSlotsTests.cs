using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Tests.Revocation.Fetching;

public sealed class RequestSlotsTests : IDisposable
{
    private readonly RequestSlots _slots = new(atOnce: 2);
    private readonly TaskCompletionSource<int> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private int _most;

    public void Dispose() => _slots.Dispose();

    [Fact]
    public async Task RequestsBeyondTheSlots_Wait()
    {
        var requests = Ask(5);
        await Eventually.HoldsAsync(() => Volatile.Read(ref _running) == 2, "both slots are taken");

        _answer.SetResult(1);
        await Task.WhenAll(requests);

        _most.Should().Be(2);
    }

    [Fact]
    public async Task QueueThatIsFull_IsCrowdedUntilItShrinks()
    {
        var requests = Ask(2 + 255);
        await Eventually.HoldsAsync(() => Volatile.Read(ref _running) == 2, "both slots are taken");
        _slots.IsCrowded.Should().BeFalse();

        requests.AddRange(Ask(1));
        _slots.IsCrowded.Should().BeTrue();

        _answer.SetResult(1);
        await Task.WhenAll(requests);
        _slots.IsCrowded.Should().BeFalse();
    }

    [Fact]
    public async Task RequestGivenUpWhileItWaits_IsNeverSent()
    {
        var requests = Ask(2);
        await Eventually.HoldsAsync(() => Volatile.Read(ref _running) == 2, "both slots are taken");
        using var enough = new CancellationTokenSource();
        var sent = false;
        var waiting = _slots.RunAsync(() => Task.FromResult(sent = true), enough.Token);

        await enough.CancelAsync();

        await waiting.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        _answer.SetResult(1);
        await Task.WhenAll(requests);
        sent.Should().BeFalse();
    }

    private List<Task<int>> Ask(int count) => [.. Enumerable.Range(0, count).Select(_ => _slots.RunAsync(SendAsync, CancellationToken.None))];

    private async Task<int> SendAsync()
    {
        var running = Interlocked.Increment(ref _running);
        InterlockedMax(running);
        try
        {
            return await _answer.Task;
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private void InterlockedMax(int running)
    {
        int most;
        while ((most = Volatile.Read(ref _most)) < running && Interlocked.CompareExchange(ref _most, running, most) != most)
        {
        }
    }
}
