using System.IO.Pipelines;
using System.Net;
using MtlsSidecar.Proxy.ProxyHeaders;
using MtlsSidecar.TestKit.Fuzzing;

namespace MtlsSidecar.Proxy.Tests.ProxyHeaders;

public sealed class ProxyHeaderTests
{
    private const string Prefix = "0D0A0D0A000D0A515549540A";
    private const string Addresses = "C6336407CB0071019C401627";
    private static readonly IPEndPoint Source = IPEndPoint.Parse("198.51.100.7:40000");
    private static readonly IPEndPoint Destination = IPEndPoint.Parse("203.0.113.1:5671");

    private static readonly PeerFacts Facts = new(
        "TLSv1.3", "amqp"u8.ToArray(), "rabbit.internal", "web", new byte[900], "spiffe://foo.test/ns/default/sa/web");

    [Theory]
    [InlineData("198.51.100.7:40000", "203.0.113.1:5671", "198.51.100.7:40000")]
    [InlineData("[2001:db8::7]:40000", "[2001:db8::1]:5671", "[2001:db8::7]:40000")]
    [InlineData("[::ffff:198.51.100.7]:40000", "[::ffff:203.0.113.1]:5671", "198.51.100.7:40000")]
    [InlineData("198.51.100.7:40000", "[2001:db8::1]:5671", "[::ffff:198.51.100.7]:40000")]
    public async Task WhatIsWritten_IsReadAgain(string source, string destination, string expected)
    {
        var header = ProxyHeaderWriter.Write(IPEndPoint.Parse(source), IPEndPoint.Parse(destination), Facts);

        (await ReadAsync(header)).Source.Should().Be(IPEndPoint.Parse(expected));
    }

    [Fact]
    public void HeaderWithoutFacts_IsTheAddressesAlone()
        => Convert.ToHexString(ProxyHeaderWriter.Write(Source, Destination, facts: null))
            .Should().Be("0D0A0D0A000D0A515549540A" + "2111000C" + "C6336407" + "CB007101" + "9C40" + "1627");

    [Fact]
    public void FactsThatAreMissing_AreLeftOut()
    {
        var header = ProxyHeaderWriter.Write(Source, Destination, new PeerFacts("TLSv1.2", default, "", null, new byte[1], null));

        // Addresses, then one field: TLS with the flags, the verdict, the version and the certificate.
        Convert.ToHexString(header.AsSpan(28)).Should().Be("200013" + "07" + "00000000" + "210007" + "544C5376312E32" + "280001" + "00");
    }

    [Theory]
    [InlineData(32 * 1024, 0, true)]
    [InlineData(32 * 1024, 4 * 1024, true)]
    [InlineData((32 * 1024) + 1, 0, false)]
    [InlineData(60_000, 60_000, false)]
    public void WhatIsTooLongForAHeader_IsLeftOutButNeverThatThePeerWasVerified(int certificate, int commonName, bool hasCertificate)
    {
        var header = ProxyHeaderWriter.Write(
            Source, Destination, Facts with { Certificate = new byte[certificate], CommonName = new string('n', commonName), Alpn = default, ServerName = "", SpiffeId = null });

        var tls = header.AsSpan(28);
        tls[0].Should().Be(0x20);
        tls.Slice(3, 5).ToArray().Should().Equal([0x07, 0, 0, 0, 0], "TLS with a certificate that was verified");
        (header.Length > 32 * 1024).Should().Be(hasCertificate);
    }

    [Theory]
    [InlineData("10.1.2.3:1", true)]
    [InlineData("[::ffff:10.1.2.3]:1", true)]
    [InlineData("[fd00::1]:1", true)]
    [InlineData("11.0.0.1:1", false)]
    [InlineData("[2001:db8::1]:1", false)]
    public void Header_IsExpectedFromNamedNetworksOnly(string remote, bool expected)
    {
        var networks = new[] { IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/8") };

        ProxyHeaderReception.IsExpected(networks, IPEndPoint.Parse(remote)).Should().Be(expected);
        ProxyHeaderReception.IsExpected([], IPEndPoint.Parse(remote)).Should().BeFalse();
    }

    [Fact]
    public async Task WhatFollowsTheHeader_IsLeftForTheNextReader()
    {
        var pipe = new Pipe();
        var reading = ProxyHeaderReception.ReadAsync(pipe.Reader, CancellationToken.None);
        foreach (var value in ProxyHeaderWriter.Write(Source, Destination, Facts).Append((byte)0x16))
        {
            await pipe.Writer.WriteAsync(new[] { value });
        }

        (await reading).Source.Should().Be(Source);
        (await pipe.Reader.ReadAsync()).Buffer.First.ToArray().Should().Equal(0x16);
    }

    [Theory]
    [InlineData("0D0A0D0A000D0A515549540B" + "2100" + "0000", "*no PROXY protocol version 2 header*")]
    [InlineData("50524F58592054435034203139382E35312E" + "2100" + "0000", "*no PROXY protocol version 2 header*")]
    [InlineData(Prefix + "1100" + "0000", "*version and command 0x11*")]
    [InlineData(Prefix + "2200" + "0000", "*version and command 0x22*")]
    [InlineData(Prefix + "2100" + "2001", "*longer than 8192 bytes*")]
    [InlineData(Prefix + "2112" + "000C" + Addresses, "*family 0x12*")]
    [InlineData(Prefix + "2111" + "000B" + "C6336407CB0071019C4016", "*too short for its addresses*")]
    [InlineData(Prefix + "2121" + "000C" + Addresses, "*too short for its addresses*")]
    [InlineData(Prefix + "2111" + "000E" + Addresses + "0400", "*a field reaches beyond the header*")]
    [InlineData(Prefix + "2111" + "000F" + Addresses + "040001", "*a field reaches beyond the header*")]
    [InlineData(Prefix + "2111" + "0013" + Addresses + "03000401020304", "*checksum is wrong*")]
    [InlineData(Prefix + "2111" + "000F" + Addresses + "030000", "*checksum is wrong*")]
    [InlineData(Prefix + "2111" + "000C" + "C63364", "*ended inside the header*")]
    public async Task WhatIsNoHeader_IsRefused(string header, string problem)
    {
        var reading = () => ReadAsync(Convert.FromHexString(header));

        await reading.Should().ThrowAsync<ProxyHeaderException>().WithMessage(problem);
    }

    [Fact]
    public async Task DamagedHeader_IsReadOrRefusedAndNothingElse()
    {
        var header = ProxyHeaderWriter.Write(Source, Destination, Facts);
        var refused = 0;
        for (var seed = 0; seed < Mutation.Inputs; seed++)
        {
            try
            {
                await ReadAsync(Mutation.Apply(header, seed));
            }
            catch (ProxyHeaderException)
            {
                refused++;
            }
        }

        refused.Should().BePositive();
    }

    private static async Task<ProxyHeader> ReadAsync(byte[] bytes)
        => await ProxyHeaderReception.ReadAsync(PipeReader.Create(new MemoryStream(bytes)), CancellationToken.None);
}
