using System.Security.Cryptography;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Issuing;

/// <summary>A certificate with that of its issuer.</summary>
internal sealed record IssuedCertificate(CertificateRecord Record, IssuerRecord Issuer)
{
    /// <summary>Leaf and issuer as PEM, as a TLS server or client presents them.</summary>
    public string ToPem() => Pem(Record.Certificate) + Pem(Issuer.Certificate.RawData.Span);

    /// <summary>One certificate as PEM.</summary>
    public static string Pem(ReadOnlySpan<byte> certificate) => PemEncoding.WriteString("CERTIFICATE", certificate) + "\n";
}
