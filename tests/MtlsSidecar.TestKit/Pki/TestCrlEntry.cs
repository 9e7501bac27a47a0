using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.TestKit.Pki;

/// <summary>One entry of a forged CRL.</summary>
/// <param name="SerialNumber">Content octets of the serial number.</param>
public sealed record TestCrlEntry(byte[] SerialNumber)
{
    public const int CertificateHold = 6;
    public const int RemoveFromCrl = 8;

    public DateTimeOffset Revoked { get; init; } = DateTimeOffset.UtcNow.AddHours(-2);

    public int? Reason { get; init; }

    /// <summary>Another issuer's certificate (indirect CRL).</summary>
    public X500DistinguishedName? CertificateIssuer { get; init; }

    public IReadOnlyList<X509Extension> Extensions { get; init; } = [];

    /// <summary>An entry for a certificate.</summary>
    public static TestCrlEntry For(X509Certificate2 certificate) => new(certificate.SerialNumberBytes.ToArray());

    internal void Write(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteInteger(SerialNumber);
            TestCrl.WriteTime(writer, Revoked);
            var extensions = new List<X509Extension>(Extensions);
            if (Reason is { } reason)
            {
                extensions.Add(new X509Extension("2.5.29.21", [0x0A, 0x01, (byte)reason], false));
            }

            if (CertificateIssuer is { } issuer)
            {
                extensions.Add(new X509Extension("2.5.29.29", TestDistributionPoint.Names(TestDistributionPoint.DirectoryName(issuer)), true));
            }

            if (extensions.Count > 0)
            {
                using (writer.PushSequence())
                {
                    extensions.ForEach(extension => TestCrl.WriteExtension(writer, extension));
                }
            }
        }
    }
}
