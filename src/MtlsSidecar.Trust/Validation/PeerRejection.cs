using System.Net.Sockets;

namespace MtlsSidecar.Trust.Validation;

/// <summary>A refusal that an operator can understand. It is never told to the peer.</summary>
/// <param name="Reason">The reason by its stable name.</param>
/// <param name="Detail">What was found and where, in one sentence. May quote the peer, so consumers bound its length.</param>
/// <param name="Rule">The rule that refused, such as <c>RFC 5280 §6.1.3(a)(2)</c>; null where none can be quoted.</param>
/// <param name="Certificate">Subject of the certificate that broke the rule; null when it is no single certificate.</param>
public sealed record PeerRejection(RejectionReason Reason, string Detail, string? Rule = null, string? Certificate = null)
{
    /// <summary>
    /// Whether it is for a defect of ours or of a validator, not for somebody who can't be reached: what it hides about the peer may be anything.
    /// </summary>
    public bool IsDefect { get; init; }

    /// <summary>The refusal when judging threw.</summary>
    /// <param name="what">What failed.</param>
    /// <param name="exception">Why. Those of a network or a clock say that somebody could not be asked, all others are defects.</param>
    internal static PeerRejection ForFailure(string what, Exception exception)
        => new(RejectionReason.ValidatorUnavailable, $"{what}: {exception.GetType().Name}: {exception.Message}")
        {
            IsDefect = exception is not (HttpRequestException or IOException or SocketException or TimeoutException or OperationCanceledException),
        };

    /// <summary>The step that refused; null where no validator was asked.</summary>
    public ValidationStep? Step { get; init; }
}
