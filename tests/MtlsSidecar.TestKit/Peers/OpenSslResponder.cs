using System.Globalization;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.TestKit.Peers;

/// <summary>
/// A real OCSP responder (<c>openssl ocsp</c>) with a certificate that the authority has delegated to it. It answers from an index file, which
/// it reads again when the file is replaced.
/// </summary>
public sealed class OpenSslResponder : IAsyncDisposable
{
    private readonly TestDirectory _directory;
    private readonly ChildProcess _process;
    private readonly Dictionary<string, bool> _revokedBySerial;

    private OpenSslResponder(TestDirectory directory, ChildProcess process, int port, Dictionary<string, bool> revokedBySerial)
    {
        (_directory, _process, Port, _revokedBySerial) = (directory, process, port, revokedBySerial);
    }

    public int Port { get; }

    public string Url => $"http://127.0.0.1:{Port}/";

    /// <summary>Starts a responder that knows these certificates as good. Its answers have no nextUpdate.</summary>
    public static async Task<OpenSslResponder> StartAsync(TestAuthority issuer, int? port, params IReadOnlyList<WorkloadFiles> known)
    {
        var directory = new TestDirectory();
        using var responder = issuer.Issue(TestOcspResponse.ResponderOptions());
        var authority = directory.Write("issuer.crt", issuer.Certificate.ExportCertificatePem());
        var certificate = directory.Write("responder.crt", responder.Certificate.ExportCertificatePem());
        var key = directory.Write("responder.key", responder.KeyPem);
        var revoked = known.ToDictionary(workload => workload.Serial, _ => false);
        WriteIndex(directory, revoked);
        var listen = port ?? FreePorts.Next();
        string[] arguments =
        [
            "ocsp", "-port", listen.ToString(CultureInfo.InvariantCulture), "-index", directory["index.txt"], "-CA", authority, "-rsigner", certificate, "-rkey", key,
        ];
        var process = ChildProcess.Start(new ProcessStart("openssl", arguments) { Input = "" });

        // Not by connecting: a connection without a request hangs this responder for good.
        await process.Error.WaitForLineAsync(line => line.Contains("waiting for OCSP client connections", StringComparison.Ordinal), Eventually.DefaultTimeout);
        return new OpenSslResponder(directory, process, listen, revoked);
    }

    /// <summary>From the next request on, says that the certificate is revoked.</summary>
    public void Revoke(WorkloadFiles workload)
    {
        _revokedBySerial[workload.Serial] = true;
        WriteIndex(_directory, _revokedBySerial);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }

    /// <summary>The index of <c>openssl ca</c>: status, expiry, revocation with its reason, serial, file, subject.</summary>
    private static void WriteIndex(TestDirectory directory, Dictionary<string, bool> revokedBySerial)
        => AtomicRename.Write(directory["index.txt"], string.Concat(revokedBySerial.Select(entry => entry.Value
            ? $"R\t491231235959Z\t260101000000Z,keyCompromise\t{entry.Key}\tunknown\t/CN={entry.Key}\n"
            : $"V\t491231235959Z\t\t{entry.Key}\tunknown\t/CN={entry.Key}\n")));
}
