using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Paths.Signatures;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Trust.Tests.Revocation.Crl;

public sealed class CrlReaderTests : IDisposable
{
    private static readonly byte[] Serial = [0x10, 0x20, 0x30];
    private readonly TestAuthority _root = TestAuthority.CreateRoot();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void GoodCrl_TellsWhatItSays()
    {
        var entries = new[] { new TestCrlEntry(Serial) { Reason = 1 }, new TestCrlEntry([0x00, 0xFF]), new TestCrlEntry([0xFF]) { Reason = 6 } };

        var list = CrlReader.Read(new TestCrl { Number = 4711, Entries = entries }.Sign(_root));

        list.IssuerText.Should().Be(_root.Certificate.Subject);
        list.Extensions.Number.Should().Be(new System.Numerics.BigInteger(4711));
        list.IsDelta.Should().BeFalse();
        list.Entries.Count.Should().Be(3);
        list.TryFind(list.Issuer, Serial, out var reason).Should().BeTrue();
        reason.Should().Be(CrlReason.KeyCompromise);
        list.TryFind(list.Issuer, [0x00, 0xFF], out reason).Should().BeTrue("255 is listed");
        reason.Should().Be(CrlReason.Unspecified);
        list.TryFind(list.Issuer, [0xFF], out reason).Should().BeTrue("-1 is listed too, and is another number");
        reason.Should().Be(CrlReason.CertificateHold);
        list.TryFind(list.Issuer, [0x20, 0x30], out _).Should().BeFalse();
        list.TryFind(list.Issuer, [0x01, 0x10, 0x20, 0x30], out _).Should().BeFalse();
        list.Signature.Verifies(Key, algorithmFloor: true).Should().BeTrue();
    }

    [Fact]
    public void Version1Crl_IsRead()
        => CrlReader.Read(new TestCrl { Version = null, Number = null, Entries = [new TestCrlEntry(Serial)] }.Sign(_root)).Entries.Count.Should().Be(1);

    [Fact]
    public void NonCriticalUnknownExtensions_AreIgnored()
    {
        var unknown = new X509Extension("1.2.3.4", [5, 0], false);

        CrlReader.Read(new TestCrl { Extensions = [unknown], Entries = [new TestCrlEntry(Serial) { Extensions = [unknown] }] }.Sign(_root)).Entries.Count.Should().Be(1);
    }

    [Fact]
    public void DatesFrom2050_AreRead()
    {
        var list = CrlReader.Read(new TestCrl { NextUpdate = new DateTimeOffset(2051, 1, 2, 3, 4, 5, TimeSpan.Zero) }.Sign(_root));

        list.NextUpdate.Year.Should().Be(2051);
    }

    [Fact]
    public void PemFileWithSeveralCrls_YieldsAll()
    {
        using var other = TestAuthority.CreateRoot("Other");
        var pem = "a comment\n" + Pem(new TestCrl().Sign(_root)) + "\r\nbetween\n" + Pem(new TestCrl { Number = 2 }.Sign(other));

        var lists = CrlReader.ReadAll(Encoding.ASCII.GetBytes(pem));

        lists.Select(list => list.IssuerText).Should().Equal(_root.Certificate.Subject, "CN=Other");
    }

    public static TheoryData<string, TestCrl> BrokenRules => new()
    {
        { "empty list", new TestCrl { EmptyEntryList = true } },
        { "version", new TestCrl { Version = 0 } },
        { "version", new TestCrl { Version = 2 } },
        { "version 1", new TestCrl { Version = null } },
        { "version 1", new TestCrl { Version = null, Number = null, Entries = [new TestCrlEntry(Serial) { Reason = 1 }] } },
        { "signature algorithm", new TestCrl { InnerAlgorithm = "1.2.840.10045.4.3.3" } },
        { "whole number of octets", new TestCrl { Signature = new byte[64], UnusedSignatureBits = 1 } },
        { "too long", new TestCrl { Signature = new byte[4097] } },
        { "more than 16384 octets", new TestCrl { Issuer = new X500DistinguishedName("CN=" + new string('a', 16 * 1024)) } },
        { "more than 262144 octets", new TestCrl { Extensions = [new X509Extension("1.2.3.4", new byte[256 * 1024], false)] } },
        { "empty issuer", new TestCrl { Issuer = new X500DistinguishedName("") } },
        { "data after", new TestCrl { Trailing = [1] } },
        { "unknown critical CRL extension", new TestCrl { Extensions = [new X509Extension("1.2.3.4", [5, 0], true)] } },
        { "twice", new TestCrl { Extensions = [new X509Extension("1.2.3.4", [5, 0], false), new X509Extension("1.2.3.4", [5, 0], false)] } },
        { "more than 64", new TestCrl { Extensions = [.. Unknown(64)] } },
        { "CRL number", new TestCrl { Number = -1 } },
        { "CRL number", new TestCrl { Number = null, Extensions = [new X509Extension("2.5.29.20", [0x02, 21, 1, .. new byte[20]], false)] } },
        { "unknown critical CRL entry extension", new TestCrl { Entries = [new TestCrlEntry(Serial) { Extensions = [new X509Extension("1.2.3.4", [5, 0], true)] }] } },
        { "twice", new TestCrl { Entries = [new TestCrlEntry(Serial) { Extensions = [new X509Extension("1.2.3.4", [5, 0], false), new X509Extension("1.2.3.4", [5, 0], false)] }] } },
        { "twice", new TestCrl { Entries = [new TestCrlEntry(Serial) { Reason = 1, Extensions = [new X509Extension("2.5.29.21", [0x0A, 1, 1], false)] }] } },
        { "too many", new TestCrl { Entries = [new TestCrlEntry(Serial) { Extensions = [.. Unknown(17)] }] } },
        { "reason", new TestCrl { Entries = [new TestCrlEntry(Serial) { Reason = 7 }] } },
        { "reason", new TestCrl { Entries = [new TestCrlEntry(Serial) { Reason = 11 }] } },
        { "serial number", new TestCrl { Entries = [new TestCrlEntry([1, .. new byte[40]])] } },
        { "removeFromCRL", new TestCrl { Entries = [new TestCrlEntry(Serial) { Reason = TestCrlEntry.RemoveFromCrl }] } },
        { "not indirect", new TestCrl { Entries = [new TestCrlEntry(Serial) { CertificateIssuer = new X500DistinguishedName("CN=Somebody") }] } },
        { "delta", new TestCrl { Number = null, BaseNumber = 1 } },
        { "delta", new TestCrl { Number = 2, BaseNumber = 3 } },
        { "empty issuing", new TestCrl { Scope = new TestDistributionPoint().AsScope() } },
        { "exclusive", new TestCrl { Scope = new TestDistributionPoint { OnlyUserCertificates = true, OnlyAuthorityCertificates = true }.AsScope() } },
    };

    [Theory]
    [MemberData(nameof(BrokenRules), DisableDiscoveryEnumeration = true)]
    public void BrokenRule_IsRefused(string because, TestCrl crl)
        => FluentActions.Invoking(() => CrlReader.Read(crl.Sign(_root))).Should().Throw<CrlFormatException>().WithMessage($"*{because}*");

    [Fact]
    public void EveryTruncation_IsRefused()
    {
        var der = new TestCrl { Entries = [new TestCrlEntry(Serial) { Reason = 1 }] }.Sign(_root);

        for (var length = 0; length < der.Length; length++)
        {
            var truncated = der[..length];
            FluentActions.Invoking(() => CrlReader.ReadAll(truncated)).Should().Throw<CrlFormatException>($"{length} of {der.Length} bytes");
        }
    }

    [Fact]
    public void TrailingByte_IsRefused()
        => FluentActions.Invoking(() => CrlReader.Read([.. new TestCrl().Sign(_root), 0])).Should().Throw<CrlFormatException>();

    [Fact]
    public void PemBlockWithoutEnd_IsRefused()
    {
        var pem = Encoding.ASCII.GetBytes(Pem(new TestCrl().Sign(_root)) + "\n-----BEGIN X509 CRL-----\nMIIB");

        FluentActions.Invoking(() => CrlReader.ReadAll(pem)).Should().Throw<CrlFormatException>("the rest of a torn file must not pass for the whole");
    }

    [Fact]
    public void FlippedBit_NeverVerifies()
    {
        var der = new TestCrl { Entries = [new TestCrlEntry(Serial)] }.Sign(_root);

        for (var bit = 0; bit < der.Length * 8; bit += 7)
        {
            var damaged = der.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                CrlReader.Read(damaged).Signature.Verifies(Key, algorithmFloor: true).Should().BeFalse($"bit {bit} is flipped");
            }
            catch (CrlFormatException)
            {
                // The documented refusal.
            }
        }
    }

    private SubjectKey Key => SubjectKey.TryRead(_root.Certificate.PublicKey.ExportSubjectPublicKeyInfo(), out var key, out var error) ? key : throw new InvalidOperationException(error);

    private static IEnumerable<X509Extension> Unknown(int count) => Enumerable.Range(1, count).Select(number => new X509Extension($"1.2.3.{number}", [5, 0], false));

    private static string Pem(byte[] der) => PemEncoding.WriteString("X509 CRL", der);
}
