using System.Security.Cryptography;

namespace MtlsSidecar.Conformance.Tests;

/// <summary>Certificates as the suites write them.</summary>
internal static class Pem
{
    /// <summary>The DER of a PEM block.</summary>
    public static ReadOnlyMemory<byte> Decode(string pem)
    {
        var fields = PemEncoding.Find(pem);
        return Convert.FromBase64String(pem[fields.Base64Data]);
    }
}
