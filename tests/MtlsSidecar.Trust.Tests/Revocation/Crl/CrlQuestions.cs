using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Revocation;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.Trust.Tests.Revocation.Crl;

/// <summary>Makes revocation questions out of forged certificates.</summary>
internal static class CrlQuestions
{
    /// <summary>Asks for the certificate itself, on the path by which it was issued.</summary>
    public static RevocationQuestion About(X509Certificate2 certificate, TestAuthority issuer, params X509Certificate2[] others)
        => Ask([certificate, issuer.Certificate, .. issuer.Issuers], 0, others);

    public static RevocationQuestion Ask(IReadOnlyList<X509Certificate2> path, int index, params X509Certificate2[] others)
        => new(new CertificationPath([.. path.Select(Parse)], new HashSet<string>()), index, [.. others.Select(other => (ReadOnlyMemory<byte>)other.RawData)], DateTimeOffset.UtcNow);

    private static ParsedCertificate Parse(X509Certificate2 certificate)
        => ParsedCertificate.TryParse(certificate.RawData, out var parsed, out var error) ? parsed : throw new InvalidOperationException(error);
}
