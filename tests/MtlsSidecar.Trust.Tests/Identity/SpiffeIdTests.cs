using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Trust.Tests.Identity;

public sealed class SpiffeIdTests
{
    [Theory]
    [InlineData("spiffe://foo.test", "foo.test", "")]
    [InlineData("spiffe://foo.test/ns/default/sa/web", "foo.test", "/ns/default/sa/web")]
    [InlineData("spiffe://foo-1_2.test/A.b-C_d", "foo-1_2.test", "/A.b-C_d")]
    [InlineData("spiffe://foo.test/...", "foo.test", "/...")]
    public void WellFormedId_IsRead(string text, string trustDomain, string path)
    {
        SpiffeId.TryParse(text, out var id).Should().BeTrue();
        id.TrustDomain.Name.Should().Be(trustDomain);
        id.Path.Should().Be(path);
        id.ToString().Should().Be(text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("foo.test/a")]
    [InlineData("http://foo.test/a")]
    [InlineData("SPIFFE://foo.test/a")]
    [InlineData("spiffe:/foo.test/a")]
    [InlineData("spiffe://")]
    [InlineData("spiffe:///a")]
    [InlineData("spiffe://Foo.test/a")]
    [InlineData("spiffe://foo.test:443/a")]
    [InlineData("spiffe://user@foo.test/a")]
    [InlineData("spiffe://foo%2etest/a")]
    [InlineData("spiffe://foo.test/")]
    [InlineData("spiffe://foo.test/a/")]
    [InlineData("spiffe://foo.test//a")]
    [InlineData("spiffe://foo.test/./a")]
    [InlineData("spiffe://foo.test/a/..")]
    [InlineData("spiffe://foo.test/a?b")]
    [InlineData("spiffe://foo.test?b")]
    [InlineData("spiffe://foo.test/a#b")]
    [InlineData("spiffe://foo.test/%61")]
    [InlineData("spiffe://foo.test/a b")]
    [InlineData("spiffe://foo.test/ä")]
    [InlineData("spiffe://foo.test/a\n")]
    public void IdThatTheStandardForbids_IsRefused(string? text)
        => SpiffeId.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void LengthLimit_IsTwoThousandAndFortyEightCharacters()
    {
        var longest = "spiffe://foo.test/".PadRight(2048, 'a');

        SpiffeId.TryParse(longest, out _).Should().BeTrue();
        SpiffeId.TryParse(longest + "a", out _).Should().BeFalse();
    }
}
