using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>One refused peer as <c>/status</c> shows it.</summary>
/// <param name="Time">When.</param>
/// <param name="Reason">Why.</param>
/// <param name="Direction">Who opened the connection.</param>
/// <param name="Remote">The peer's address.</param>
/// <param name="Subject">The subject it presented.</param>
/// <param name="Serial">Its certificate's serial number, hexadecimal.</param>
/// <param name="Sha256">The first 16 hexadecimal digits of its certificate's SHA-256.</param>
/// <param name="Detail">What was found, which certificate, which rule.</param>
internal sealed record Refusal(
    DateTimeOffset Time,
    RejectionReason Reason,
    ConnectionDirection Direction,
    string? Remote,
    string? Subject,
    string? Serial,
    string? Sha256,
    string Detail)
{
    /// <summary>The step of validation that refused; null where none was reached.</summary>
    public ValidationStep? Step { get; init; }

    /// <summary>Subject of the certificate that broke the rule; null when it is no single certificate.</summary>
    public string? Certificate { get; init; }

    /// <summary>The rule that refused; null where none can be quoted.</summary>
    public string? Rule { get; init; }
}
