using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Revocation;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Authority.Tests.Revocation;

public sealed class CrlWriterTests : LocalAuthorityTest
{
    private string CrlFile => Path.Combine(Authority.Data.PublishedDirectory, "test.crl");

    /// <summary>Around the lengths at which a DER length takes one more octet.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(1300)]
    [InlineData(1340)]
    [InlineData(2000)]
    [InlineData(350_000)]
    public async Task CrlOfAnyLength_IsReadByOpenSslAndByOurOwnReader(int count)
    {
        var header = Header(DateTimeOffset.UtcNow);

        Write(header, Entries(count, header.ThisUpdate)).Should().Be(count);

        await File.WriteAllTextAsync(CrlFile + ".pem", IssuedPem());
        var verified = await OpenSsl.RunAsync("crl", "-inform", "DER", "-in", CrlFile, "-noout", "-CAfile", CrlFile + ".pem");
        verified.Error.Should().Contain("verify OK");
        var store = new CrlStore(new CrlOptions(), TimeProvider.System);
        store.Load("test", await File.ReadAllBytesAsync(CrlFile)).Should().BeNull();
        store.Status.Should().ContainSingle().Which.Entries.Should().Be(count);
    }

    [Fact]
    public async Task TimesFrom2050On_AreGeneralizedTimes()
    {
        var header = Header(new DateTimeOffset(2049, 12, 31, 23, 59, 59, TimeSpan.Zero)) with { NextUpdate = new DateTimeOffset(2050, 1, 1, 0, 0, 0, TimeSpan.Zero) };

        Write(header, Entries(1, header.NextUpdate));

        var text = (await OpenSsl.RunAsync("crl", "-inform", "DER", "-in", CrlFile, "-noout", "-text")).Output;
        text.Should().Contain("Last Update: Dec 31 23:59:59 2049 GMT").And.Contain("Next Update: Jan  1 00:00:00 2050 GMT").And.Contain("Revocation Date: Jan  1 00:00:00 2050 GMT");
    }

    private int Write(CrlHeader header, IEnumerable<CrlEntry> entries)
    {
        using var spool = new CrlSpool(CrlFile);
        foreach (var entry in entries)
        {
            spool.Append(entry);
        }

        new CrlWriter(Authority.Keys.Open(Authority.Issuer)).Write(CrlFile, header, spool);
        return spool.Count;
    }

    private CrlHeader Header(DateTimeOffset thisUpdate) => new(Authority.Issuer.Certificate, 7, thisUpdate, thisUpdate.AddDays(1));

    private string IssuedPem() => IssuedCertificate.Pem(Authority.Issuer.Certificate.RawData.Span) + IssuedCertificate.Pem(Authority.Root.Certificate.RawData.Span);

    private static IEnumerable<CrlEntry> Entries(int count, DateTimeOffset revokedAt)
    {
        for (var i = 0; i < count; i++)
        {
            yield return new CrlEntry([1, (byte)(i >> 16), (byte)(i >> 8), (byte)i], revokedAt, i % 2 == 0 ? CrlReason.Unspecified : CrlReason.KeyCompromise);
        }
    }
}
