namespace MtlsSidecar.Demo;

/// <summary>What the demo made and must clear away, last made first, however far it came.</summary>
internal sealed class Belongings : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _things = [];

    /// <summary>Takes charge of a thing.</summary>
    public T Add<T>(T thing)
        where T : IAsyncDisposable
    {
        _things.Push(thing);
        return thing;
    }

    public async ValueTask DisposeAsync()
    {
        while (_things.TryPop(out var thing))
        {
            await thing.DisposeAsync();
        }
    }
}
