namespace MtlsSidecar.Authority.Tests.Harness;

/// <summary>One server for the tests that don't hurt each other.</summary>
public sealed class EstFixture : IAsyncLifetime
{
    public AuthorityProcess Authority { get; private set; } = null!;

    public async Task InitializeAsync() => Authority = await AuthorityProcess.StartAsync("--ocsp-validity", "5m");

    public async Task DisposeAsync() => await Authority.DisposeAsync();
}
