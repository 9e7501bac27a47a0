using System.Security.Cryptography;
using System.Text;
using MtlsSidecar.Proxy.Inspection;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Validation;
using MtlsSidecar.Validation;

namespace MtlsSidecar.Inspection;

/// <summary>An inspection in words.</summary>
internal static class InspectionText
{
    private const int FingerprintPrefix = 16;

    /// <summary>The lines for the operator.</summary>
    /// <param name="report">What was seen.</param>
    /// <param name="validatorsAreAsked">Whether the configuration asks anybody about a path that holds.</param>
    public static string Of(PeerInspectionReport report, bool validatorsAreAsked)
    {
        var text = new StringBuilder()
            .AppendLine($"connected: {report.Remote}")
            .AppendLine($"handshake: {report.Protocol}, {report.CipherSuite}, ALPN {(report.ApplicationProtocol.Length > 0 ? report.ApplicationProtocol : "none")}")
            .AppendLine($"our certificate: {Fate(report.ClientCertificate)}")
            .AppendLine($"expected: {Expected(report)}")
            .AppendLine("presented:");
        foreach (var certificate in report.Presented.Others.Where(other => !other.Span.SequenceEqual(report.Presented.Leaf.Span)).Prepend(report.Presented.Leaf))
        {
            text.AppendLine($"  {Describe(certificate)}");
        }

        text.AppendLine("validation:");
        var notAsked = new HashSet<ValidationStep>();
        if (!validatorsAreAsked)
        {
            notAsked.Add(ValidationStep.Validators);
        }

        if (report.Expected.Count == 0)
        {
            notAsked.Add(ValidationStep.Expectation);
        }

        foreach (var step in VerdictSteps.Of(report.Verdict, notAsked))
        {
            text.AppendLine(step.ToString());
        }

        var verdict = ValidationReport.Of(null, report.Verdict, []);
        return text.Append($"verdict: {verdict.Verdict}{(verdict.Reason is null ? "" : $": {verdict.Reason}")}: {verdict.Detail}").ToString();
    }

    private static string Fate(ClientCertificateFate fate) => fate switch
    {
        ClientCertificateFate.NotRequested => "not asked for: the peer isn't doing mutual TLS",
        ClientCertificateFate.Kept => "sent, and the peer keeps the connection",
        _ => "sent, and the peer closed the connection: its log should say why it refuses us",
    };

    private static string Expected(PeerInspectionReport report) => report switch
    {
        { Expected.Count: 0 } => "anybody who validates (neither an upstream nor a tunnel has this destination; --identity names one)",
        { ExpectedBy: { } source } => $"{string.Join(" or ", report.Expected)} ({source})",
        _ => string.Join(" or ", report.Expected),
    };

    /// <summary>Serial and SHA-256 prefix as in the refusal log, so that one can be found by the other.</summary>
    private static string Describe(ReadOnlyMemory<byte> rawData)
    {
        var fingerprint = Convert.ToHexStringLower(SHA256.HashData(rawData.Span))[..FingerprintPrefix];
        return ParsedCertificate.TryParse(rawData, out var certificate, out var error)
            ? $"{certificate.SubjectText}, by {certificate.IssuerText}, serial {certificate.SerialNumberText}, until {certificate.NotAfter:u}, SHA-256 {fingerprint}…"
            : $"unreadable ({error}), SHA-256 {fingerprint}…";
    }
}
