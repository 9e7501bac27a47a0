using System.Security.Cryptography;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Sources;

/// <summary>Reads certificates from PEM (RFC 7468 §5).</summary>
public static class CertificatePem
{
    private const string Label = "CERTIFICATE";

    /// <summary>Reads all certificates; other blocks are passed over.</summary>
    /// <param name="pem">The text.</param>
    /// <param name="origin">Where it comes from, for the error.</param>
    /// <exception cref="TrustMaterialException">A block is not a certificate in DER.</exception>
    public static IReadOnlyList<ParsedCertificate> Read(ReadOnlySpan<char> pem, string origin)
    {
        var certificates = new List<ParsedCertificate>();
        while (PemEncoding.TryFind(pem, out var fields))
        {
            if (pem[fields.Label].SequenceEqual(Label))
            {
                var rawData = Convert.FromBase64String(pem[fields.Base64Data].ToString());
                certificates.Add(ParsedCertificate.TryParse(rawData, out var certificate, out var error)
                    ? certificate
                    : throw new TrustMaterialException($"{origin}: certificate {certificates.Count + 1} is malformed: {error}"));
            }

            pem = pem[fields.Location.End..];
        }

        return certificates;
    }
}
