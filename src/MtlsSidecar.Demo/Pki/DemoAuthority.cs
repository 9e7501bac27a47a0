using System.Diagnostics;

namespace MtlsSidecar.Demo.Pki;

/// <summary>A certification authority: <c>mtls-authority</c>, used as an operator uses it.</summary>
internal sealed class DemoAuthority
{
    private readonly string _directory;

    private DemoAuthority(string directory, AuthorityAddresses addresses)
    {
        _directory = directory;
        Addresses = addresses;
    }

    /// <summary>Where its server listens, if it has one.</summary>
    public AuthorityAddresses Addresses { get; }

    /// <summary>PEM: the root, which whoever trusts this authority trusts.</summary>
    public string BundleFile => Path.Combine(_directory, "authority", "ca.crt");

    /// <summary>Where its CRLs are published.</summary>
    public IEnumerable<Uri> CrlUrls => [new Uri(Addresses.Publish, "/crl/root.crl"), new Uri(Addresses.Publish, "/crl/issuing-1.crl")];

    /// <summary>Makes an authority.</summary>
    /// <exception cref="AuthorityFailedException">That didn't work.</exception>
    public static async Task<DemoAuthority> CreateAsync(string directory, CancellationToken cancellationToken)
    {
        var authority = new DemoAuthority(directory, AuthorityAddresses.Pick());
        await authority.RunAsync(cancellationToken, "init", "--trust-domain", Workload.TrustDomain, "--advertise", authority.Addresses.Publish.GetLeftPart(UriPartial.Authority));
        return authority;
    }

    /// <summary>Starts its server.</summary>
    /// <exception cref="AuthorityFailedException">It did not start.</exception>
    public Task<AuthorityServer> ServeAsync(CancellationToken cancellationToken) => AuthorityServer.StartAsync(_directory, Addresses, cancellationToken);

    /// <summary>Issues certificate and key into a workload's directory.</summary>
    public async Task<Workload> IssueAsync(string name, string directory, CancellationToken cancellationToken)
    {
        var workload = new Workload(name, directory);
        await RunAsync(cancellationToken, "issue", "--id", workload.SpiffeId, "--dns", "localhost", "--out", directory);
        return workload;
    }

    /// <summary>Lays a token into a workload's directory, with which its sidecar enrols.</summary>
    public async Task GrantTokenAsync(Workload workload, CancellationToken cancellationToken)
        => await AtomicFile.WriteAsync(
            workload.TokenFile, await RunAsync(cancellationToken, "token", "--id", workload.SpiffeId, "--dns", "localhost"), cancellationToken);

    /// <summary>Revokes a workload's certificate of this moment and publishes the CRL.</summary>
    public Task RevokeAsync(Workload workload, CancellationToken cancellationToken)
        => RunAsync(cancellationToken, "revoke", workload.ReadSerial(), "--reason", "keyCompromise");

    private async Task<string> RunAsync(CancellationToken cancellationToken, params IEnumerable<string> arguments)
    {
        using var process = Process.Start(ChildProgram.StartIn(_directory, ChildProgram.Authority, arguments))!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? await output
            : throw new AuthorityFailedException($"{arguments.First()} ended with exit code {process.ExitCode}", await output + await error);
    }
}
