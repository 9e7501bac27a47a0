using MtlsSidecar.Proxy.Authorization;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Http;

namespace MtlsSidecar.Proxy.Tests.Authorization;

public sealed class PathPatternTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/api", "/api")]
    [InlineData("/a b", "/a%20b")]
    [InlineData("/café", "/caf%C3%A9")]
    [InlineData("/api", "/%61pi?x=1")]
    [InlineData("/a;v=1", "/a;v=1")]
    [InlineData("/a//b", "/a//b")]
    [InlineData("/*", "/")]
    [InlineData("/*", "/a/b/c")]
    [InlineData("/api/*", "/api/")]
    [InlineData("/api/*", "/api/a")]
    [InlineData("/api/*", "/api/a/b/")]
    [InlineData("/api/*", "/api//a")]
    [InlineData("/api/*/items", "/api/7/items")]
    [InlineData("/api/*/items/*", "/api/7/items/8/9")]
    [InlineData("/*/x", "/a/x")]
    [InlineData("/*/", "/a/")]
    public void Allow_MatchesWhatThePatternSays(string pattern, string target)
    {
        Allows(pattern, target).Should().BeTrue();
        Denies(pattern, target).Should().BeTrue("whatever an Allow matches a Deny matches too");
    }

    [Theory]
    [InlineData("/", "/a")]
    [InlineData("/api", "/api/")]
    [InlineData("/api/", "/api")]
    [InlineData("/api/*", "/api")]
    [InlineData("/api", "/API")]
    [InlineData("/api", "//api")]
    [InlineData("/api", "/api;v=1")]
    [InlineData("/api/a", "/api//a")]
    public void Allow_IsToTheLetterWhereDenyIsNot(string pattern, string target)
    {
        Allows(pattern, target).Should().BeFalse();
        Denies(pattern, target).Should().Be(pattern != "/");
    }

    [Theory]
    [InlineData("/api", "/apis")]
    [InlineData("/api", "/ap")]
    [InlineData("/api/*", "/apis/a")]
    [InlineData("/api/*/items", "/api/items")]
    [InlineData("/api/*/items", "/api/7/8/items")]
    [InlineData("/api/*/items", "/api/7/items/9")]
    [InlineData("/a//b", "/a")]
    [InlineData("/a%20b", "/a%20b")]
    public void OtherPaths_AreMatchedByNeither(string pattern, string target)
    {
        Allows(pattern, target).Should().BeFalse();
        Denies(pattern, target).Should().BeFalse();
    }

    [Theory]
    [InlineData("/ADMIN")]
    [InlineData("/Admin/")]
    [InlineData("//admin")]
    [InlineData("/admin//")]
    [InlineData("/admin;x")]
    [InlineData("/admin;x=1;y/")]
    [InlineData("/;x/admin")]
    [InlineData("/%61dmin")]
    [InlineData("/admin%3bx")]
    [InlineData("//;a//ADMIN;b//")]
    [InlineData("/adm%C4%B1n")]
    [InlineData("/ADM%C4%B0N")]
    [InlineData("/adm%C3%AFn", false)]
    [InlineData("/admin2", false)]
    [InlineData("/x/admin", false)]
    public void Deny_IsNotEvadedBySpelling(string target, bool isDenied = true) => Denies("/admin", target).Should().Be(isDenied);

    [Theory]
    [InlineData("/Admin;a//B", "/admin/b")]
    [InlineData("/admin//B", "/ADMIN;a//B")]
    [InlineData("/admin/*", "/ADMIN")]
    [InlineData("/admin/*", "//admin;x")]
    [InlineData("/k/*", "/%E2%84%AA/x")]
    [InlineData("/secret", "/%C5%BFecret")]
    [InlineData("/a/*/b", "/a//b")]
    [InlineData("/a/*/b", "/A/;x/b")]
    [InlineData("/a/*/b", "//a/;x/b/")]
    public void Deny_ReadsItsPatternInTheSameWays(string pattern, string target) => Denies(pattern, target).Should().BeTrue();

    [Fact]
    public void EscapedSlash_IsNoSeparatorForAllowAndBothForDeny()
    {
        Allows("/api/*", "/api%2fusers").Should().BeFalse();
        Allows("/api/users", "/api%2fusers").Should().BeFalse();
        Allows("/*/users", "/a%2fb/users").Should().BeTrue();
        Denies("/api/users", "/api%2fusers").Should().BeTrue();
        Denies("/api/*", "/API%2Fusers").Should().BeTrue();
        Denies("/*/users", "/a%2fb/users").Should().BeTrue();
        Denies("/a/b/users", "/a%2fb;x%2fusers").Should().BeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("api")]
    [InlineData("*")]
    public void PatternThatCouldNotMatch_IsRefused(string pattern)
        => FluentActions.Invoking(() => new PathPattern(pattern)).Should().Throw<FormatException>();

    [Theory]
    [InlineData("/admin/*", "/ad%ffmin/x")]
    [InlineData("/admin/*", "//%80A%feD%ffMIN%e2%82;x//x")]
    [InlineData("/admin/*", "/%ff/admin")]
    [InlineData("/admin/*", "/ADM%FDN/x")]
    [InlineData("/admin/*", "/ADM%DDN/x")]
    [InlineData("/caf\u00e9", "/caf%E9")]
    [InlineData("/caf\u00e9", "/CAF%C9;x")]
    [InlineData("/caf\u00e9", "/caf%82")]
    [InlineData("/caf\u00e9", "//caf%fe%ff/")]
    [InlineData("/\u8868/*", "/%95%5D/x", false)]
    [InlineData("/\u8868/*", "/%95%8A/x")]
    [InlineData("/admin/*", "/adm%efn/x", false)]
    [InlineData("/caf\u00e9", "/caf%c3%a8", false)]
    public void Deny_IsNotEvadedByBytesThatAreNotUtf8(string pattern, string target, bool isDenied = true) => Denies(pattern, target).Should().Be(isDenied);

    [Fact]
    public void BytesThatAreNotUtf8_AreLatin1ForAllow()
    {
        Allows("/caf\u00e9", "/caf%E9").Should().BeTrue();
        Allows("/caf\u00e9", "/caf%82").Should().BeFalse();
        Allows("/admin", "/ad%ffmin").Should().BeFalse();
    }

    private static bool Allows(string pattern, string target) => new PathPattern(pattern).Matches(Read(target).DecodedPath);

    private static bool Denies(string pattern, string target) => new PathPattern(pattern).MatchesAnyReading(PathReadings.Of(Read(target)));

    private static RequestTarget Read(string target)
    {
        RequestTarget.TryParse(target, "GET", EscapedSlashes.Forward, out var parsed, out var error).Should().BeTrue(error);
        return parsed!;
    }
}
