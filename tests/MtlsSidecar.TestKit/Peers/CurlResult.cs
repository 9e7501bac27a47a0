namespace MtlsSidecar.TestKit.Peers;

/// <summary>What curl saw: its exit code (0: an answer came), the HTTP status (0: none) and version, the body, its error text.</summary>
public sealed record CurlResult(int ExitCode, int Status, string HttpVersion, string Body, string Error);
