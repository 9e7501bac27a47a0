using System.Security.Cryptography;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Authority.Tests.Harness;

/// <summary>A certificate with its key.</summary>
internal sealed record LocalWorkload(IssuedCertificate Issued, ECDsa Key)
{
    /// <summary>As its holder presents it.</summary>
    public PresentedChain Presented => new(Issued.Record.Certificate, [Issued.Issuer.Certificate.RawData]);
}
