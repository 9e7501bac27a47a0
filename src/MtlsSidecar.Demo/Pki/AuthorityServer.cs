using System.Diagnostics;
using MtlsSidecar.Demo.Sidecars;

namespace MtlsSidecar.Demo.Pki;

/// <summary>A real <c>mtls-authority serve</c> process: enrolment, and CRLs that the sidecars poll.</summary>
internal sealed class AuthorityServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private readonly Process _process;
    private readonly Task _reading;
    private readonly SidecarLog _log = new();

    private AuthorityServer(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(_log.FollowAsync(process.StandardOutput), _log.FollowAsync(process.StandardError));
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="directory">Where the authority's data directory lies.</param>
    /// <param name="addresses">Where it listens.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AuthorityFailedException">It ended, or took too long.</exception>
    public static async Task<AuthorityServer> StartAsync(string directory, AuthorityAddresses addresses, CancellationToken cancellationToken)
    {
        var process = Process.Start(ChildProgram.StartIn(
            directory, ChildProgram.Authority, "serve", "--listen", Text(addresses.Listen), "--publish", Text(addresses.Publish), "--admin", Text(addresses.Admin)))!;
        process.StandardInput.Close();
        var server = new AuthorityServer(process);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        try
        {
            await Patience.UntilAsync(
                "its readiness", async () => process.HasExited ? "ended" : await SidecarAdmin.ReadProbeAsync(addresses.Admin, limit.Token), limit.Token);
        }
        catch (TimeoutException) when (!cancellationToken.IsCancellationRequested)
        {
            await server.DisposeAsync();
            throw server.Failed($"was not ready within {StartLimit.TotalSeconds} s");
        }

        return process.HasExited ? throw server.Failed($"ended at once with exit code {process.ExitCode}") : server;
    }

    public async ValueTask DisposeAsync()
    {
        // What it answered is on the disk: it has nothing to finish, and Ctrl+C may have reached it already.
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        await _reading;
        _process.Dispose();
    }

    private static string Text(Uri address) => address.GetLeftPart(UriPartial.Authority);

    private AuthorityFailedException Failed(string what) => new(what, string.Join('\n', _log.Tail(10)));
}
