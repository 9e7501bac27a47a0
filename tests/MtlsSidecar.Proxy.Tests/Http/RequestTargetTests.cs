using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Http;

namespace MtlsSidecar.Proxy.Tests.Http;

public sealed class RequestTargetTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/api/orders")]
    [InlineData("//api//orders/")]
    [InlineData("/a;v=1/b,c=2?x=%2Fhome&y=..%5c/../?&z=%2e%2e")]
    [InlineData("/%7Euser/%C3%A4?q=1+2")]
    [InlineData("/a%0Ab")]
    [InlineData("/...")]
    [InlineData("/.well-known/x..y/..z")]
    [InlineData("/%252e%252e/%255c%252f%2500")]
    [InlineData("/:@!$&'()*+,;=-._~")]
    [InlineData("/?")]
    [InlineData("/a?b[]=1&c[d][0]=%5B")]
    [InlineData("/caf%E9")]
    [InlineData("/%ff%fe/%e2%82?x=%c0%ae")]
    public void OriginForm_IsForwardedByteForByte(string rawTarget)
    {
        var target = Parse(rawTarget);

        target.RawPathAndQuery.Should().Be(rawTarget);
        target.Authority.Should().BeNull();
    }

    [Theory]
    [InlineData("http://users/api?x=1", "users", "/api?x=1")]
    [InlineData("HTTP://users:8080/a//b;c", "users:8080", "/a//b;c")]
    [InlineData("https://[::1]:8443/", "[::1]:8443", "/")]
    [InlineData("http://users", "users", "/")]
    [InlineData("http://users?x=1", "users", "/?x=1")]
    public void AbsoluteForm_IsForwardedFromTheEndOfItsAuthority(string rawTarget, string authority, string pathAndQuery)
    {
        var target = Parse(rawTarget);

        target.Authority.Should().Be(authority);
        target.RawPathAndQuery.Should().Be(pathAndQuery);
    }

    [Theory]
    [InlineData("/a%20b", "/a b")]
    [InlineData("/%61%62?%63", "/ab")]
    [InlineData("/caf%C3%A9", "/café")]
    [InlineData("/%F0%9F%98%80", "/\U0001F600")]
    [InlineData("/%252f%252E", "/%2f%2E")]
    [InlineData("/a%3fb%23c", "/a?b#c")]
    [InlineData("/a%3Bb", "/a;b")]
    [InlineData("/caf%E9", "/café")]
    [InlineData("/%fcber/%C3%A9%ff", "/über/éÿ")]
    [InlineData("/%e2%82/x", "/â\u0082/x")]
    [InlineData("/%ed%a0%80", "/í\u00a0\u0080")]
    [InlineData("/%f4%90%80%80", "/ô\u0090\u0080\u0080")]
    [InlineData("/voil%e0", "/voilà")]
    public void Path_IsDecodedOnceForJudging(string rawTarget, string decodedPath)
        => Parse(rawTarget).DecodedPath.Should().Be(decodedPath);

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("users:8443")]
    [InlineData("api")]
    [InlineData("?x")]
    [InlineData("ftp://users/")]
    [InlineData("http:/users/")]
    [InlineData("http:///users")]
    [InlineData("http://")]
    [InlineData("http://me@users/")]
    [InlineData("http://us%65rs/")]
    [InlineData("http://us\\ers/")]
    [InlineData("http://us ers/")]
    [InlineData("http://users#/")]
    public void OtherForms_AreRefused(string rawTarget) => Refuse(rawTarget);

    [Fact]
    public void OptionsOfTheServerAsAWhole_IsRefused()
    {
        Refuse("*", "OPTIONS");
        Refuse("http://users", "OPTIONS");
        Parse("http://users/", "OPTIONS").RawPathAndQuery.Should().Be("/");
    }

    [Theory]
    [InlineData("/a b")]
    [InlineData("/a\tb")]
    [InlineData("/a\r\nb")]
    [InlineData("/a\0b")]
    [InlineData("/a\u007fb")]
    [InlineData("/caf\u00e9")]
    [InlineData("/a\\b")]
    [InlineData("/a#b")]
    [InlineData("/a?b#c")]
    [InlineData("/a\"b")]
    [InlineData("/a<b")]
    [InlineData("/a>b")]
    [InlineData("/a[b]")]
    [InlineData("/a^b")]
    [InlineData("/a`b")]
    [InlineData("/a{b}")]
    [InlineData("/a|b")]
    [InlineData("/a?b c")]
    [InlineData("/a?b\\c")]
    [InlineData("/a]b?c[]=1")]
    public void CharactersOutsideRfc3986_AreRefused(string rawTarget) => Refuse(rawTarget);

    [Theory]
    [InlineData("/%")]
    [InlineData("/%4")]
    [InlineData("/%4g")]
    [InlineData("/%g4")]
    [InlineData("/%u002f")]
    [InlineData("/%%34")]
    [InlineData("/a?%")]
    [InlineData("/a?x=%zz")]
    [InlineData("/a?x=%41%4")]
    public void MalformedEscapes_AreRefused(string rawTarget) => Refuse(rawTarget);

    [Theory]
    [InlineData("/a%00")]
    [InlineData("/a?x=%00")]
    [InlineData("/a?x=%41%41%00")]
    public void EscapedNul_IsRefused(string rawTarget) => Refuse(rawTarget);

    [Theory]
    [InlineData("/a%5cb")]
    [InlineData("/a%5Cb")]
    public void EscapedBackslash_IsRefused(string rawTarget)
    {
        Refuse(rawTarget);
        Refuse(rawTarget, escapedSlashes: EscapedSlashes.Forward);
    }

    [Theory]
    [InlineData("/.")]
    [InlineData("/..")]
    [InlineData("/./a")]
    [InlineData("/a/../b")]
    [InlineData("/a/..")]
    [InlineData("/a/%2e%2e/b")]
    [InlineData("/a/.%2E/b")]
    [InlineData("/a/%2e")]
    [InlineData("/a//../b")]
    [InlineData("/public/..;/admin")]
    [InlineData("/public/..;v=1/admin")]
    [InlineData("/public/..%3b/admin")]
    [InlineData("/a/../b?x")]
    [InlineData("http://users/../a")]
    public void DotSegments_AreRefused(string rawTarget)
    {
        Refuse(rawTarget);
        Refuse(rawTarget, escapedSlashes: EscapedSlashes.Forward);
    }

    [Theory]
    [InlineData("/a%2f..%2fb")]
    [InlineData("/a%2f..")]
    [InlineData("/..%2Fb")]
    [InlineData("/%2e%2e%2fb")]
    public void DotSegmentsBetweenEscapedSlashes_AreRefusedEvenWhereThoseAreForwarded(string rawTarget)
        => Refuse(rawTarget, escapedSlashes: EscapedSlashes.Forward);

    [Theory]
    [InlineData("/a%2fb")]
    [InlineData("/a%2Fb")]
    public void EscapedSlash_IsRefusedUnlessForwarded(string rawTarget)
    {
        Refuse(rawTarget);

        var target = Parse(rawTarget, escapedSlashes: EscapedSlashes.Forward);
        target.RawPathAndQuery.Should().Be(rawTarget);
        target.DecodedPath.Should().Be("/a\0b");
    }

    [Theory]
    [InlineData("/%c0%ae%c0%ae/a")]
    [InlineData("/%c0%af")]
    [InlineData("/%c1%9c")]
    [InlineData("/%c1%1c")]
    [InlineData("/a%c0")]
    [InlineData("/%e0%80%af")]
    [InlineData("/%e0%9f%bf")]
    [InlineData("/%f0%80%80%af")]
    [InlineData("/%f0%8f%bf%bf")]
    [InlineData("/%f8%80%80%80%af")]
    [InlineData("/%fc%80%80%80%80%af")]
    [InlineData("/%ff%e0%80")]
    public void OverlongForms_AreRefused(string rawTarget)
    {
        Refuse(rawTarget);
        Refuse(rawTarget, escapedSlashes: EscapedSlashes.Forward);
    }

    [Theory]
    [InlineData("/a/%ff../b")]
    [InlineData("/a/.%ff./b")]
    [InlineData("/a/..%e2%82/b")]
    [InlineData("/a/%80.")]
    [InlineData("/a/.%ff.;v=1/b")]
    public void DotSegmentsOfReadersThatDropStrayBytes_AreRefused(string rawTarget) => Refuse(rawTarget);

    [Theory]
    [InlineData("/ad%ffmin", "/admin")]
    [InlineData("/%c3%a4%ff%e2%82", "/ä")]
    [InlineData("/%c3%a4", null)]
    public void StrayBytes_AreLeftOutForReadersThatDropThem(string rawTarget, string? path)
        => Parse(rawTarget).PathWithoutStrayBytes.Should().Be(path);

    [Fact]
    public void TargetOverTheLimit_IsRefused()
    {
        Parse("/" + new string('a', RequestTarget.MaxLength - 1));
        Refuse("/" + new string('a', RequestTarget.MaxLength));
        Parse("/" + string.Concat(Enumerable.Repeat("%61", 2000))).DecodedPath.Should().HaveLength(2001);
    }

    [Fact]
    public void RawPath_LeavesTheQueryOut() => Parse("/a%20b?token=1?2").RawPath.Should().Be("/a%20b");

    private static RequestTarget Parse(string rawTarget, string method = "GET", EscapedSlashes escapedSlashes = EscapedSlashes.Reject)
    {
        RequestTarget.TryParse(rawTarget, method, escapedSlashes, out var target, out var error).Should().BeTrue(error);
        return target!;
    }

    private static void Refuse(string rawTarget, string method = "GET", EscapedSlashes escapedSlashes = EscapedSlashes.Reject)
    {
        RequestTarget.TryParse(rawTarget, method, escapedSlashes, out _, out var error).Should().BeFalse();
        error.Should().NotBeNullOrEmpty();
    }
}
