using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Commands;

/// <summary>A certificate as <c>list</c> shows it.</summary>
internal sealed record ListedCertificate(
    string Serial, string Issuer, string Kind, string Identity, IReadOnlyList<string> DnsNames, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Status, string Origin)
{
    /// <summary>Shows a certificate: <c>valid</c>, <c>expired</c> or the reason of its revocation.</summary>
    public static ListedCertificate From(CertificateRecord certificate, DateTimeOffset now) => new(
        certificate.Serial.ToString(),
        certificate.Issuer,
        certificate.Kind.ToString(),
        certificate.Identity,
        certificate.DnsNames,
        certificate.NotBefore,
        certificate.NotAfter,
        certificate switch
        {
            { Revocation: { } revocation } => $"revoked:{CrlReasonText.NameOf(revocation.Reason)}",
            { NotAfter: var notAfter } when notAfter < now => "expired",
            _ => "valid",
        },
        certificate.Origin);
}
