namespace MtlsSidecar.Proxy.Admin;

/// <summary>The body of a probe's answer.</summary>
/// <param name="Status"><c>ok</c> or <c>unready</c>.</param>
/// <param name="Reasons">Why it is not ok.</param>
internal sealed record ProbeAnswer(string Status, IReadOnlyList<string> Reasons);
