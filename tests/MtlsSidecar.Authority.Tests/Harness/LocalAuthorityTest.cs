namespace MtlsSidecar.Authority.Tests.Harness;

/// <summary>A test with an authority of its own, inside the test's process.</summary>
public abstract class LocalAuthorityTest : IAsyncLifetime
{
    private protected LocalAuthority Authority { get; private set; } = null!;

    public virtual async Task InitializeAsync() => Authority = await LocalAuthority.CreateAsync();

    public virtual Task DisposeAsync()
    {
        Authority.Dispose();
        return Task.CompletedTask;
    }
}
