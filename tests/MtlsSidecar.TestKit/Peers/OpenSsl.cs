using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.TestKit.Peers;

/// <summary>Other uses of the <c>openssl</c> program.</summary>
public static class OpenSsl
{
    public static Task<ProcessResult> RunAsync(params IReadOnlyList<string> arguments) =>
        ChildProcess.RunAsync(new ProcessStart("openssl", arguments));
}
