using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.TestKit.Peers;

/// <summary>A real stunnel in the foreground, with mutual TLS on one of its sides.</summary>
public sealed class Stunnel : IAsyncDisposable
{
    private readonly TestDirectory _directory;
    private readonly ChildProcess _process;

    private Stunnel(TestDirectory directory, ChildProcess process, int port)
    {
        (_directory, _process, Port) = (directory, process, port);
    }

    public int Port { get; }

    public int ProcessId => _process.Id;

    /// <summary>stunnel takes plain TCP and calls a peer over mutual TLS.</summary>
    public static Task<Stunnel> StartClientAsync(WorkloadPki pki, WorkloadFiles identity, int peer)
        => StartAsync(pki, identity, peer, "client = yes\nverifyChain = yes\ncheckHost = localhost\nsni = localhost");

    /// <summary>stunnel demands a client certificate and carries bytes to a plain application.</summary>
    public static Task<Stunnel> StartServerAsync(WorkloadPki pki, WorkloadFiles identity, int application)
        => StartAsync(pki, identity, application, "client = no\nverifyChain = yes\nrequireCert = yes");

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }

    private static async Task<Stunnel> StartAsync(WorkloadPki pki, WorkloadFiles identity, int target, string options)
    {
        var directory = new TestDirectory();
        var port = FreePorts.Next();
        var file = directory.Write("stunnel.conf", $"""
            foreground = yes
            pid =
            debug = warning
            socket = l:TCP_NODELAY=1
            socket = r:TCP_NODELAY=1
            [tunnel]
            accept = 127.0.0.1:{port}
            connect = 127.0.0.1:{target}
            cert = {identity.CertificateFile}
            key = {identity.KeyFile}
            CAfile = {pki.BundleFile}
            {options}

            """);
        var process = ChildProcess.Start(new ProcessStart("stunnel4", file) { Input = "" });
        await Startup.WaitAsync(process, port);
        return new Stunnel(directory, process, port);
    }
}
