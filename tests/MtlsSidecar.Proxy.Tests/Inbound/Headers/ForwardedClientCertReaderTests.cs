using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Primitives;
using MtlsSidecar.Proxy.Inbound.Headers;

namespace MtlsSidecar.Proxy.Tests.Inbound.Headers;

public sealed class ForwardedClientCertReaderTests
{
    private const string Complete =
        "By=spiffe://foo.test/ns/default/sa/gateway;Hash=468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688;"
        + "Subject=\"/C=US/ST=CA/L=San Francisco/OU=Lyft/CN=Test Client\";URI=http://testclient.lyft.com;DNS=lyft.com;DNS=www.lyft.com";

    [Theory]
    [InlineData(Complete)]
    [InlineData("Hash=00")]
    [InlineData("hash=00;uri=")]
    [InlineData("Subject=\"\";URI=")]
    [InlineData("Subject=\"O=Acme\\, Inc, \\\"x\\\";y=z\"")]
    [InlineData("Hash=1,Hash=2, Hash=3")]
    [InlineData("Cert=\"-----BEGIN%20CERTIFICATE-----%0A\";Chain=\"x\"")]
    public void WellFormedHeader_IsKept(string header)
    {
        ForwardedClientCertReader.TryRead(header, out var value).Should().BeTrue();
        value.Should().Be(header);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(",")]
    [InlineData("Hash=1,")]
    [InlineData("Hash=1;")]
    [InlineData("Hash")]
    [InlineData("=1")]
    [InlineData("Role=admin")]
    [InlineData("Hash=1;Hash")]
    [InlineData("Subject=\"CN=a")]
    [InlineData("Subject=\"CN=a\\")]
    [InlineData("Subject=\"CN=a\\\"")]
    [InlineData("Subject=\"CN=a\"x")]
    [InlineData("Subject=CN\"a\"")]
    [InlineData("URI=a=b")]
    [InlineData("URI=a b")]
    [InlineData("URI=a\\b")]
    [InlineData("URI=caf\u00e9")]
    [InlineData("Subject=\"a\tb\"")]
    [InlineData("Subject=\"caf\u00e9\"")]
    [InlineData("Subject=\"a\\\tb\"")]
    [InlineData("Subject=\"a\"URI=b")]
    [InlineData("Subject=\"a\" URI=b")]
    public void MalformedHeader_IsDropped(string header)
    {
        ForwardedClientCertReader.TryRead(header, out var value).Should().BeFalse();
        value.Should().BeEmpty();
    }

    [Fact]
    public void SeveralLines_AreOneHeader()
    {
        ForwardedClientCertReader.TryRead(new StringValues(["Hash=1", "Hash=2"]), out var value).Should().BeTrue();
        value.Should().Be("Hash=1,Hash=2");
    }

    [Fact]
    public void NoHeader_IsNone() => ForwardedClientCertReader.TryRead(StringValues.Empty, out _).Should().BeFalse();

    [Fact]
    public void HeaderOverItsBounds_IsDropped()
    {
        ForwardedClientCertReader.TryRead(string.Join(',', Enumerable.Repeat("Hash=1", 32)), out _).Should().BeTrue();
        ForwardedClientCertReader.TryRead(string.Join(',', Enumerable.Repeat("Hash=1", 33)), out _).Should().BeFalse();
        ForwardedClientCertReader.TryRead("Hash=" + new string('1', 16 * 1024), out _).Should().BeFalse();
    }

    [Fact]
    public void WhateverIsKept_LeavesTheElementAfterItIntact()
    {
        string[] pieces = ["Hash=", "URI=", "Subject=", "\"", "\\", ",", ";", "=", "a", "By=x", " ", "Subject=\"CN=a\"", "\t", "é"];
        var kept = 0;
        Prop.ForAll(Gen.Elements(pieces).ListOf().Select(string.Concat).ToArbitrary(), header =>
        {
            if (!ForwardedClientCertReader.TryRead(header, out var value))
            {
                return true;
            }

            kept++;
            return SplitElements(value + ",Hash=ours")[^1] == "Hash=ours";
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
        kept.Should().BeGreaterThan(100);
    }

    /// <summary>Splits as the simplest of readers does: a quote that no backslash precedes opens or closes.</summary>
    private static List<string> SplitElements(string header)
    {
        List<string> elements = [""];
        var isQuoted = false;
        for (var i = 0; i < header.Length; i++)
        {
            if (header[i] == '\\' && isQuoted)
            {
                elements[^1] += header[i..Math.Min(i + 2, header.Length)];
                i++;
                continue;
            }

            isQuoted ^= header[i] == '"';
            if (header[i] == ',' && !isQuoted)
            {
                elements.Add("");
            }
            else
            {
                elements[^1] += header[i];
            }
        }

        return elements;
    }
}
