using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.Authority.Enrolment;

/// <summary>The certs-only CMS message in which EST answers (RFC 7030 §4.1.3, §4.2.3), as base64 in lines.</summary>
internal static class CertsOnly
{
    /// <summary>The media type of the answers.</summary>
    public const string ContentType = "application/pkcs7-mime; smime-type=certs-only";

    /// <summary>Encodes certificates.</summary>
    public static string Encode(IEnumerable<ReadOnlyMemory<byte>> certificates)
    {
        var collection = new X509Certificate2Collection();
        foreach (var certificate in certificates)
        {
            collection.Add(X509CertificateLoader.LoadCertificate(certificate.Span));
        }

        try
        {
            // Bare line feeds: RFC 8951 §3.1 allows any, and the usual base64 program stumbles over carriage returns.
            var text = Convert.ToBase64String(collection.Export(X509ContentType.Pkcs7)!, Base64FormattingOptions.InsertLineBreaks);
            return text.Replace("\r", "", StringComparison.Ordinal) + "\n";
        }
        finally
        {
            foreach (var certificate in collection)
            {
                certificate.Dispose();
            }
        }
    }
}
