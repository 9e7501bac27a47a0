namespace MtlsSidecar.Proxy.Admin;

/// <summary>The answer to <c>POST /reload</c>.</summary>
/// <param name="Status"><c>ok</c>, or <c>failed</c> when anything kept its old state.</param>
/// <param name="Errors">What was refused, with its key or file.</param>
internal sealed record ReloadAnswer(string Status, IReadOnlyList<string> Errors);
