using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Extensions;

namespace MtlsSidecar.Trust.Tests.Paths;

public sealed class ParsedCertificateTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot();

    [Fact]
    public void GoodCertificate_IsReadWithItsExtensions()
    {
        using var leaf = _root.Issue(new IssueOptions { DnsNames = ["a.test"], SerialNumber = 0x4711 });

        var certificate = SearchCase.Parse(leaf.Certificate);

        certificate.Version.Should().Be(3);
        certificate.SubjectText.Should().Be("CN=workload");
        certificate.SerialNumberText.Should().Be("4711");
        certificate.BasicConstraints.Should().Be(new BasicConstraints(false, null));
        certificate.KeyUsage.Should().Be(KeyUsages.DigitalSignature);
        certificate.SubjectAlternativeNames.Should().ContainSingle(name => name.Kind == GeneralNameKind.DnsName && name.Text == "a.test");
        certificate.ExtendedKeyUsage.Should().HaveCount(2);
        certificate.SubjectKeyIdentifier.Should().BeNull();
        certificate.CrlDistributionPoints.Should().BeNull();
        certificate.NameConstraints.Should().BeNull();
    }

    [Fact]
    public void KeyIdentifiers_AreRead()
    {
        using var leaf = _root.Issue(new IssueOptions
        {
            Configure = request => request.Replace(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_root.Certificate, true, true)),
        });

        var identifier = SearchCase.Parse(leaf.Certificate).AuthorityKeyIdentifier!.KeyIdentifier;

        identifier!.Value.ToArray().Should().Equal(SearchCase.Parse(_root.Certificate).SubjectKeyIdentifier!.Value.ToArray());
    }

    [Fact]
    public void TrailingOctet_IsRefused()
        => Error([.. _root.Certificate.RawData, 0]).Should().NotBeEmpty();

    [Fact]
    public void CutShortAnywhere_IsRefused()
    {
        var whole = _root.Certificate.RawData;
        for (var length = 0; length < whole.Length; length++)
        {
            ParsedCertificate.TryParse(whole.AsMemory(0, length), out _, out _).Should().BeFalse();
        }
    }

    [Fact]
    public void YearZero_IsAsFarBackAsAny()
        => Parse(WithNotBefore("0000", "0101000000Z")).NotBefore.Should().Be(DateTimeOffset.MinValue);

    [Theory]
    [InlineData("1301000000Z")]
    [InlineData("0230000000Z")]
    [InlineData("0101250000Z")]
    [InlineData("01010000000")]
    [InlineData("abcdefghijk")]
    public void RestOfATimeInTheYearZero_IsReadStrictly(string rest)
        => Error(WithNotBefore("0000", rest)).Should().NotBeEmpty();

    [Fact]
    public void TimeOfAnotherType_IsRefusedInTheYearZeroToo()
    {
        var forged = WithNotBefore("0000", "0101000000Z");
        forged[forged.AsSpan().IndexOf("00000101000000Z"u8) - 2] = 0x04;

        Error(forged).Should().NotBeEmpty();
    }

    [Fact]
    public void OversizedCertificate_IsRefusedUnread()
        => Error(new byte[ParsedCertificate.MaxLength + 1]).Should().Contain("larger");

    [Fact]
    public void SerialNumberOfMoreThanTwentyOctets_IsRefused()
    {
        using var leaf = _root.Issue();
        var request = new CertificateRequest(new X500DistinguishedName("CN=long"), leaf.Certificate.PublicKey, System.Security.Cryptography.HashAlgorithmName.SHA256);
        using var forged = request.Create(
            _root.Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_root.Key), DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1), [.. Enumerable.Repeat((byte)1, 21)]);

        Error(forged.RawData).Should().Contain("RFC 5280 §4.1.2.2");
    }

    [Fact]
    public void SignatureThatIsNotWholeOctets_IsRefused()
    {
        var (data, algorithm, signature) = SignedWithAZeroAtTheEnd();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(data.Span);
            writer.WriteEncodedValue(algorithm.Span);
            writer.WriteBitString(signature, unusedBitCount: 1);
        }

        Error(writer.Encode()).Should().Contain("not whole octets");
    }

    [Fact]
    public void EveryOctetChanged_IsReadOrRefusedAndNeverThrows()
    {
        using var leaf = _root.Issue(new IssueOptions { DnsNames = ["a.test"], Uris = ["spiffe://foo.test/a"], CrlUrl = "http://crl.test/ca.crl" });
        var whole = leaf.Certificate.RawData;
        foreach (var flip in new byte[] { 0x01, 0x80, 0xff })
        {
            for (var i = 0; i < whole.Length; i++)
            {
                var changed = whole.ToArray();
                changed[i] ^= flip;
                if (ParsedCertificate.TryParse(changed, out var certificate, out _))
                {
                    certificate.TryReadContent(out _, out _);
                    certificate.SubjectText.Should().NotBeNull();
                }
            }
        }
    }

    /// <summary>The three fields of a certificate. No two signatures of ECDSA are alike, so one whose last bit is 0 comes soon.</summary>
    private (ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte> Algorithm, byte[] Signature) SignedWithAZeroAtTheEnd()
    {
        while (true)
        {
            using var leaf = _root.Issue();
            var certificate = new AsnReader(leaf.Certificate.RawData, AsnEncodingRules.DER).ReadSequence();
            var (data, algorithm, signature) = (certificate.ReadEncodedValue(), certificate.ReadEncodedValue(), certificate.ReadBitString(out _));
            if ((signature[^1] & 1) == 0)
            {
                return (data, algorithm, signature);
            }
        }
    }

    /// <summary>A certificate whose notBefore is written as GeneralizedTime, with other digits in the place of its own.</summary>
    private byte[] WithNotBefore(string year, string rest)
    {
        var notBefore = new DateTimeOffset(2060, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var leaf = _root.Issue(new IssueOptions { NotBefore = notBefore, NotAfter = notBefore.AddYears(1) });
        var forged = leaf.Certificate.RawData;
        System.Text.Encoding.ASCII.GetBytes(year + rest).CopyTo(forged.AsSpan(forged.AsSpan().IndexOf("20600101000000Z"u8)));
        return forged;
    }

    private static ParsedCertificate Parse(byte[] rawData)
        => ParsedCertificate.TryParse(rawData, out var parsed, out var error) ? parsed : throw new InvalidDataException(error);

    public void Dispose() => _root.Dispose();

    private static string Error(byte[] rawData)
    {
        ParsedCertificate.TryParse(rawData, out _, out var error).Should().BeFalse();
        return error!;
    }
}
