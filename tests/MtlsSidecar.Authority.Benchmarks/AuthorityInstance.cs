using System.Globalization;
using System.Net;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.Authority.Benchmarks;

/// <summary>An authority in a directory of its own, with the program that runs on it.</summary>
internal sealed class AuthorityInstance : IDisposable
{
    private readonly TestDirectory _directory = new();

    public string Data => _directory["authority"];

    public string DatabaseFile => Path.Combine(Data, "authority.db");

    public int TlsPort { get; } = FreePorts.Next();

    public int PublishPort { get; } = FreePorts.Next();

    public int AdminPort { get; } = FreePorts.Next();

    public string this[string name] => _directory[name];

    public static async Task<AuthorityInstance> CreateAsync()
    {
        var instance = new AuthorityInstance();
        await instance.RunAsync("init");
        return instance;
    }

    public ProcessStart Start(params IReadOnlyList<string> arguments)
        => new(SidecarProgram.BuiltProgram("MtlsSidecar.Authority", "mtls-authority"), arguments) { WorkingDirectory = _directory.Path, Input = "" };

    public async Task<string> RunAsync(params IReadOnlyList<string> arguments)
    {
        var result = await ChildProcess.RunAsync(Start(arguments));
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException(result.ToString());
    }

    public async Task<ChildProcess> ServeAsync(params IReadOnlyList<string> arguments)
    {
        var server = ChildProcess.Start(Start(
        [
            "serve", "--rate-limit", "0", "--listen", $"https://127.0.0.1:{Text(TlsPort)}", "--publish", $"http://127.0.0.1:{Text(PublishPort)}", "--admin", $"http://127.0.0.1:{Text(AdminPort)}",
            .. arguments,
        ]));
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{Text(AdminPort)}/healthz/ready"));
                    return answer.StatusCode == HttpStatusCode.OK;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "ready",
            TimeSpan.FromSeconds(60));
        return server;
    }

    public void Dispose() => _directory.Dispose();

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
