namespace MtlsSidecar.TestKit.Processes;

/// <summary>A program that a test needs is not installed. The test fails, it is not skipped: a skipped interop test proves nothing.</summary>
public sealed class MissingToolException(string program, Exception? inner = null)
    : Exception($"The program '{program}' is missing. tests/run installs what the tests need: start the tests with it.", inner);
