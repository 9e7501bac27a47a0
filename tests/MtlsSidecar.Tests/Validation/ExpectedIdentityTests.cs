using System.Net;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Validation;

namespace MtlsSidecar.Tests.Validation;

public sealed class ExpectedIdentityTests
{
    private static readonly PeerIdentity Peer = new(Id("spiffe://foo.test/a"), ["a.test", "*.b.test", "10.0.0.2"], [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("2001:db8::1")]);

    [Theory]
    [InlineData("spiffe://foo.test/a", true)]
    [InlineData("spiffe://foo.test/b", false)]
    [InlineData("dns:A.test", true)]
    [InlineData("dns:x.b.test", true)]
    [InlineData("dns:x.y.b.test", false)]
    [InlineData("ip:10.0.0.1", true)]
    [InlineData("ip:10.0.0.2", false)]
    [InlineData("ip:2001:DB8:0:0::1", true)]
    public void Identity_MatchesNamesOfItsOwnKind(string text, bool matches) => ExpectedIdentity.Parse(text).Matches(Peer).Should().Be(matches);

    [Theory]
    [InlineData("")]
    [InlineData("a.test")]
    [InlineData("dns:")]
    [InlineData("dns:10.0.0.1")]
    [InlineData("dns:2001:db8::1")]
    [InlineData("dns:a.test/x")]
    [InlineData("ip:a.test")]
    [InlineData("ip:garbage")]
    [InlineData("ip:012.0.0.1")]
    [InlineData("ip:10.1")]
    [InlineData("ip:0x0a000001")]
    [InlineData("ip:[2001:db8::1]")]
    [InlineData("ip:fe80::1%eth0")]
    [InlineData("spiffe://foo.test/**")]
    [InlineData("spiffe://foo.test/*")]
    [InlineData("spiffe:foo")]
    [InlineData("uri:spiffe://foo.test/a")]
    public void AnythingElse_IsRefused(string text)
        => FluentActions.Invoking(() => ExpectedIdentity.Parse(text)).Should().Throw<FormatException>().WithMessage("identity:*");

    private static SpiffeId Id(string text) => SpiffeId.TryParse(text, out var id) ? id : throw new FormatException(text);
}
