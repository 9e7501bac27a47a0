namespace MtlsSidecar.Authority.Tests.Harness;

/// <summary>A test of commands, on a data directory of its own.</summary>
public abstract class AuthorityProgramTest : IAsyncLifetime
{
    protected AuthorityProgram Program { get; private set; } = null!;

    public async Task InitializeAsync() => Program = await AuthorityProgram.InitAsync();

    public Task DisposeAsync()
    {
        Program.Dispose();
        return Task.CompletedTask;
    }
}
