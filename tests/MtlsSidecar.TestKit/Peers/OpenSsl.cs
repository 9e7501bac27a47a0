using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.TestKit.Peers;

/// <summary>Other uses of the <c>openssl</c> program.</summary>
public static class OpenSsl
{
    /// <summary>A configuration (<c>OPENSSL_CONF</c>) that allows whatever the program asks for, obsolete TLS included: what refuses it then is ours.</summary>
    public const string AnythingGoes = """
        openssl_conf = all
        [all]
        ssl_conf = ssl
        [ssl]
        system_default = anything
        [anything]
        MinProtocol = TLSv1
        CipherString = DEFAULT:@SECLEVEL=0

        """;

    public static Task<ProcessResult> RunAsync(params IReadOnlyList<string> arguments) =>
        ChildProcess.RunAsync(new ProcessStart("openssl", arguments));
}
