using System.Security.Cryptography;
using MtlsSidecar.Authority.Validation;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Authority.Tests.Validation;

public sealed class ChainPemTests
{
    private static readonly string Certificate = Block("CERTIFICATE");

    [Fact]
    public void AsManyCertificatesAsAreLookedAt_AreAChain_AndOneMoreIsNone()
    {
        ChainPem.TryRead(Chain(PresentedChain.MaxCertificates), out var chain).Should().BeTrue();
        chain!.Others.Should().HaveCount(PresentedChain.MaxCertificates - 1);

        ChainPem.TryRead(Chain(PresentedChain.MaxCertificates + 1), out _).Should().BeFalse();
    }

    /// <summary>A key that was posted with its certificate has to be noticed, not passed over.</summary>
    [Theory]
    [InlineData("PRIVATE KEY")]
    [InlineData("CERTIFICATE REQUEST")]
    [InlineData("TRUSTED CERTIFICATE")]
    public void AnythingElseBesideCertificates_IsNoChain(string label)
    {
        ChainPem.TryRead(Certificate + Block(label), out _).Should().BeFalse();
        ChainPem.TryRead(Block(label) + Certificate, out _).Should().BeFalse();
    }

    private static string Chain(int count) => string.Concat(Enumerable.Repeat(Certificate, count));

    private static string Block(string label) => PemEncoding.WriteString(label, [0x30, 0x00]) + "\n";
}
