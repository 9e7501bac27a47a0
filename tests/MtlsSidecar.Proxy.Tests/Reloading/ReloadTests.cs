using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using MtlsSidecar.Proxy.Reloading;
using MtlsSidecar.Proxy.Telemetry;

namespace MtlsSidecar.Proxy.Tests.Reloading;

public sealed class ReloadTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<SidecarMetrics>().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task TwoReloadsOfOneThing_ComeOneAfterTheOther()
    {
        var (file, reload) = (new WaitingReloadable(), Create());
        var first = reload.RunAsync(file, CancellationToken.None);
        var second = reload.RunAsync(file, CancellationToken.None);
        file.Running.Should().Be(1);

        file.Release.SetResult();
        await Task.WhenAll(first, second);

        file.MostAtOnce.Should().Be(1);
        file.Runs.Should().Be(2);
    }

    [Fact]
    public async Task ReloadThatWaitsForAServer_HoldsUpNoOtherThing()
    {
        var (slow, file, reload) = (new WaitingReloadable(), new WaitingReloadable(), Create());
        file.Release.SetResult();
        var waiting = reload.RunAsync(slow, CancellationToken.None);

        await reload.RunAsync(file, CancellationToken.None);

        waiting.IsCompleted.Should().BeFalse();
        slow.Release.SetResult();
        await waiting;
    }

    private Reload Create() => new([], _services.GetRequiredService<SidecarMetrics>(), NullLogger<Reload>.Instance);

    private sealed class WaitingReloadable : IReloadable
    {
        public TaskCompletionSource Release { get; } = new();

        public int Running { get; private set; }

        public int MostAtOnce { get; private set; }

        public int Runs { get; private set; }

        public string What => "test";

        public IEnumerable<string> Files => [];

        public async Task<IReadOnlyList<string>> ReloadAsync(CancellationToken cancellationToken)
        {
            Runs++;
            MostAtOnce = Math.Max(MostAtOnce, ++Running);
            await Release.Task;
            Running--;
            return [];
        }
    }
}
