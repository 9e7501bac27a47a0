using MtlsSidecar.Proxy.Configuration.Constraints;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary>An element of a rule's <c>To</c>: every field given must match, by one of its values.</summary>
[NotEmpty]
public sealed class RuleOperationOptions
{
    /// <summary>HTTP methods in upper case. Absent: any.</summary>
    [NotEmpty]
    public List<string>? Methods { get; init; }

    /// <summary>Path patterns: <c>*</c> is one segment, a final <c>/*</c> any rest. Absent: any.</summary>
    [NotEmpty]
    public List<string>? Paths { get; init; }

    /// <summary><c>Inbound</c> or names of inbound tunnels. Absent: any.</summary>
    [NotEmpty]
    public List<string>? Listeners { get; init; }
}
