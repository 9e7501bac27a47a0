using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>Tells the operator about every refused peer: one log line, one count, one line of <c>/status</c>. The peer is told nothing.</summary>
internal sealed partial class RefusalRecorder(SidecarMetrics metrics, RecentRefusals recent, TimeProvider timeProvider, ILogger<RefusalRecorder> logger)
{
    private const int MaxQuotedLength = 256;

    /// <summary>Records a refusal.</summary>
    public void Record(PeerRejection rejection, ConnectionDirection direction, string listener, string? remote, PresentedChain? presented)
    {
        var (subject, serial, sha256) = Describe(presented);
        var detail = Quote(string.Join(": ", new[] { rejection.Certificate, rejection.Detail, rejection.Rule }.Where(part => part is not null)));
        metrics.HandshakeRefused(direction, rejection.Reason);
        var certificate = rejection.Certificate is { } name ? Quote(name) : null;
        recent.Add(new Refusal(timeProvider.GetUtcNow(), rejection.Reason, direction, remote, subject, serial, sha256, detail)
        {
            Step = rejection.Step,
            Certificate = certificate,
            Rule = rejection.Rule,
        });
        Log.PeerRefused(logger, rejection.Reason, rejection.Step, direction, listener, remote, subject, serial, sha256, detail);
    }

    private static (string? Subject, string? Serial, string? Sha256) Describe(PresentedChain? presented)
    {
        if (presented is null)
        {
            return default;
        }

        var sha256 = Convert.ToHexStringLower(SHA256.HashData(presented.Leaf.Span))[..16];
        return ParsedCertificate.TryParse(presented.Leaf, out var leaf, out _)
            ? (Quote(leaf.SubjectText), Quote(leaf.SerialNumberText), sha256)
            : (null, null, sha256);
    }

    /// <summary>What a peer chose goes into logs bounded and without control characters.</summary>
    private static string Quote(string text)
    {
        var bounded = text.Length <= MaxQuotedLength ? text : text[..MaxQuotedLength] + "…";
        return string.Create(bounded.Length, bounded, (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? '?' : source[i];
            }
        });
    }

    private static partial class Log
    {
        [LoggerMessage(
            1101,
            LogLevel.Warning,
            "Refused {Direction} peer on {Listener}: {Reason} at step {Step}; remote {Remote}, subject {Subject}, serial {Serial}, sha256 {Sha256}: {Detail}",
            EventName = nameof(PeerRefused))]
        public static partial void PeerRefused(
            ILogger logger, RejectionReason reason, ValidationStep? step, ConnectionDirection direction, string listener, string? remote, string? subject, string? serial, string? sha256, string detail);
    }
}
