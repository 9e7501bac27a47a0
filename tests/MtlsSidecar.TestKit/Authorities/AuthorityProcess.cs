using System.Globalization;
using System.Net;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.TestKit.Authorities;

/// <summary>A running <c>mtls-authority serve</c> on a data directory of its own.</summary>
public sealed class AuthorityProcess : IAsyncDisposable
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly IReadOnlyList<string> _arguments;
    private bool _ownsProgram;

    private AuthorityProcess(AuthorityProgram program, (int Tls, Uri Publish, Uri Admin) at, bool ownsProgram, IReadOnlyList<string> arguments)
    {
        (Program, _ownsProgram, _arguments) = (program, ownsProgram, arguments);
        (TlsPort, Publish, Admin) = at;
        string[] serve = ["serve", "--listen", $"https://127.0.0.1:{Text(TlsPort)}", "--publish", Publish.ToString(), "--admin", Admin.ToString(), .. arguments];
        Process = ChildProcess.Start(program.Start(serve) with { Input = "" });
    }

    public AuthorityProgram Program { get; }

    public ChildProcess Process { get; }

    public int TlsPort { get; }

    public Uri Publish { get; }

    public Uri Admin { get; }

    public string Url => $"https://localhost:{Text(TlsPort)}";

    public string Est => $"{Url}/.well-known/est/";

    public string Validations => $"{Url}/v1/validations";

    public string Ocsp => new Uri(Publish, "/ocsp").ToString();

    /// <summary>Makes an authority and starts its server.</summary>
    public static async Task<AuthorityProcess> StartAsync(params IReadOnlyList<string> arguments)
    {
        // The issuing authority's own certificate says where the root's CRL is, so that has to be known before it is made.
        var at = FreeAddresses();
        return await StartAsync(await AuthorityProgram.InitAsync("--advertise", at.Publish.ToString()), at, ownsProgram: true, arguments);
    }

    /// <summary>Starts a server on an authority that is there.</summary>
    public static Task<AuthorityProcess> StartAsync(AuthorityProgram program, bool ownsProgram, IReadOnlyList<string> arguments)
        => StartAsync(program, FreeAddresses(), ownsProgram, arguments);

    /// <summary>Starts a server that will not be ready, and waits until it answers.</summary>
    public static Task<AuthorityProcess> StartUnreadyAsync(AuthorityProgram program, params IReadOnlyList<string> arguments)
        => StartAsync(program, FreeAddresses(), ownsProgram: false, arguments, "live");

    /// <summary>Starts it again where it was, after its end.</summary>
    public Task<AuthorityProcess> RestartAsync()
    {
        var ownsProgram = _ownsProgram;
        _ownsProgram = false;
        return StartAsync(Program, (TlsPort, Publish, Admin), ownsProgram, _arguments);
    }

    private static async Task<AuthorityProcess> StartAsync(
        AuthorityProgram program, (int Tls, Uri Publish, Uri Admin) at, bool ownsProgram, IReadOnlyList<string> arguments, string awaitedProbe = "ready")
    {
        var authority = new AuthorityProcess(program, at, ownsProgram, arguments);
        try
        {
            await Eventually.HoldsAsync(
                async () => authority.Process.HasExited
                    ? throw new InvalidOperationException($"It ended.\n{authority.Process.Output}\n{authority.Process.Error}")
                    : await authority.ProbeAsync(awaitedProbe) == HttpStatusCode.OK,
                awaitedProbe);
            return authority;
        }
        catch
        {
            await authority.DisposeAsync();
            throw;
        }
    }

    public async Task<HttpStatusCode?> ProbeAsync(string name)
    {
        try
        {
            using var response = await Client.GetAsync(new Uri(Admin, $"/healthz/{name}"));
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>What the readiness probe answers.</summary>
    public async Task<string> ReasonsAsync()
    {
        using var response = await Client.GetAsync(new Uri(Admin, "/healthz/ready"));
        return await response.Content.ReadAsStringAsync();
    }

    public Task<string> MetricsAsync() => Client.GetStringAsync(new Uri(Admin, "/metrics"));

    public Task<byte[]> CrlAsync(string issuer = "issuing-1") => Client.GetByteArrayAsync(new Uri(Publish, $"/crl/{issuer}.crl"));

    /// <summary>Prints a token for a workload of the trust domain.</summary>
    public async Task<string> TokenAsync(string name = "web", params IReadOnlyList<string> arguments)
        => (await Program.RunWellAsync(["token", "--id", $"spiffe://foo.test/ns/default/sa/{name}", .. arguments])).Trim();

    /// <summary>curl that trusts the authority's root.</summary>
    public Task<CurlResult> CurlAsync(params IReadOnlyList<string> arguments) => Curl.RunAsync(["--cacert", Program.Bundle, .. arguments]);

    /// <summary>Enrols with curl and a request that openssl made.</summary>
    public Task<CurlResult> EnrolAsync(string? token, string requestFile)
        => CurlAsync([.. token is null ? Array.Empty<string>() : ["--user", $"any:{token}"], "--data-binary", "@" + requestFile, Est + "simpleenroll"]);

    /// <summary>Renews with curl and the old certificate.</summary>
    public Task<CurlResult> RenewAsync(string certificateFile, string keyFile, string requestFile)
        => CurlAsync("--cert", certificateFile, "--key", keyFile, "--data-binary", "@" + requestFile, Est + "simplereenroll");

    public async Task<int> TerminateAsync()
    {
        Process.Signal(ProcessSignal.Terminate);
        return await Process.WaitForExitAsync(TimeSpan.FromSeconds(40));
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        if (_ownsProgram)
        {
            Program.Dispose();
        }
    }

    private static (int Tls, Uri Publish, Uri Admin) FreeAddresses() => (FreePorts.Next(), Plain(FreePorts.Next()), Plain(FreePorts.Next()));

    private static Uri Plain(int port) => new($"http://127.0.0.1:{Text(port)}");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
