using System.Text.Json;

namespace MtlsSidecar.Validation;

/// <summary>One line of <c>validate --batch</c>: the command's options in camelCase, certificates inline as PEM or base64 of DER. A key that is <c>null</c> counts as absent.</summary>
internal sealed record BatchLine
{
    /// <summary>Any JSON value; it is the caller's and is only handed back.</summary>
    public JsonElement? Id { get; init; }

    public string? Leaf { get; init; }

    public IReadOnlyList<string>? Trust { get; init; }

    public IReadOnlyList<string>? Untrusted { get; init; }

    public IReadOnlyList<string>? Crls { get; init; }

    public string? Ocsp { get; init; }

    public string? Usage { get; init; }

    public string? At { get; init; }

    public string? Identity { get; init; }

    public string? Profile { get; init; }

    public JsonElement? AlgorithmFloor { get; init; }

    public string? Revocation { get; init; }

    public string? Unknown { get; init; }

    public IReadOnlyList<string>? Policies { get; init; }

    public bool? RequireExplicitPolicy { get; init; }

    public bool? InhibitPolicyMapping { get; init; }

    public bool? InhibitAnyPolicy { get; init; }

    public int? MaxDepth { get; init; }
}
