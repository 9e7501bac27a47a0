using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Authority.Validation;

/// <summary>Reads a chain as a caller posts it (RFC 8555 §9.1, <c>application/pem-certificate-chain</c>): the leaf first.</summary>
internal static class ChainPem
{
    private const string Label = "CERTIFICATE";

    /// <summary>Reads a chain. What is inside the blocks is the validator's to judge; other text is no chain.</summary>
    public static bool TryRead(ReadOnlySpan<char> pem, [NotNullWhen(true)] out PresentedChain? chain)
    {
        chain = null;
        var certificates = new List<ReadOnlyMemory<byte>>();
        while (PemEncoding.TryFind(pem, out var fields))
        {
            if (!pem[fields.Label].SequenceEqual(Label) || certificates.Count == PresentedChain.MaxCertificates)
            {
                return false;
            }

            certificates.Add(Convert.FromBase64String(pem[fields.Base64Data].ToString()));
            pem = pem[fields.Location.End..];
        }

        chain = certificates is [var leaf, .. var others] ? new PresentedChain(leaf, others) : null;
        return chain is not null;
    }
}
