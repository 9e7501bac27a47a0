using System.Net;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Trust.Tests.Identity;

public sealed class IdentityPatternTests
{
    [Theory]
    [InlineData("spiffe://foo.test/ns/a/sa/web", "spiffe://foo.test/ns/a/sa/web", true)]
    [InlineData("spiffe://foo.test/ns/a/sa/web", "spiffe://foo.test/ns/a/sa/WEB", false)]
    [InlineData("spiffe://foo.test/ns/*/sa/web", "spiffe://foo.test/ns/b/sa/web", true)]
    [InlineData("spiffe://foo.test/ns/*/sa/web", "spiffe://foo.test/ns/b/c/sa/web", false)]
    [InlineData("spiffe://foo.test/ns/*", "spiffe://foo.test/ns", false)]
    [InlineData("spiffe://foo.test/ns/**", "spiffe://foo.test/ns/a", true)]
    [InlineData("spiffe://foo.test/ns/**", "spiffe://foo.test/ns/a/b/c", true)]
    [InlineData("spiffe://foo.test/ns/**", "spiffe://foo.test/ns", false)]
    [InlineData("spiffe://foo.test/ns/**", "spiffe://foo.test/nsx/a", false)]
    [InlineData("spiffe://foo.test/**", "spiffe://foo.test/a", true)]
    [InlineData("spiffe://foo.test/**", "spiffe://bar.test/a", false)]
    [InlineData("spiffe://foo.test/a*", "spiffe://foo.test/ab", null)]
    [InlineData("spiffe://*/a", "spiffe://foo.test/a", null)]
    [InlineData("spiffe://**", "spiffe://foo.test/a", null)]
    [InlineData("spiffe://foo.*/a", "spiffe://foo.test/a", null)]
    [InlineData("spiffe://foo.test/**/a", "spiffe://foo.test/b/a", null)]
    [InlineData("spiffe://foo.test/a/", "spiffe://foo.test/a/", null)]
    public void SpiffePattern_MatchesSegmentBySegment(string pattern, string id, bool? matches)
    {
        var isPattern = IdentityPattern.TryParse(pattern, out var parsed);

        isPattern.Should().Be(matches is not null);
        if (matches is not null)
        {
            parsed!.Matches(Peer(id)).Should().Be(matches.Value);
        }
    }

    [Theory]
    [InlineData("dns:web.foo.test", true)]
    [InlineData("dns:WEB.foo.test", true)]
    [InlineData("dns:foo.test", false)]
    [InlineData("dns:a.wild.test", false)]
    public void DnsPattern_IsExact(string pattern, bool matches)
        => IdentityPattern.Parse(pattern).Matches(Names("web.foo.test", "*.wild.test")).Should().Be(matches);

    [Theory]
    [InlineData("web.foo.test", true)]
    [InlineData("web.foo.test.", true)]
    [InlineData("a.wild.test", true)]
    [InlineData("a.b.wild.test", false)]
    [InlineData("wild.test", false)]
    [InlineData("10.0.0.1", true)]
    [InlineData("10.0.0.2", false)]
    public void Host_MatchesByNameWildcardOrAddress(string host, bool matches)
        => IdentityPattern.ForHost(host).Matches(Names("web.foo.test", "*.wild.test")).Should().Be(matches);

    [Theory]
    [InlineData("*")]
    [InlineData("*.test")]
    [InlineData("f*.wild.test")]
    [InlineData("a.*.test")]
    public void WildcardThatIsNotOneWholeLabelAboveTwo_MatchesNothing(string presented)
        => IdentityPattern.ForHost("foo.wild.test").Matches(Names(presented)).Should().BeFalse();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("web")]
    [InlineData("dns:")]
    [InlineData("dns:*.foo.test")]
    [InlineData("ip:somewhere")]
    [InlineData("http://foo.test")]
    public void TextThatIsNoPattern_IsRefused(string? text)
        => IdentityPattern.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void PeerWithoutNames_MatchesNothing()
        => IdentityPattern.Parse("spiffe://foo.test/**").Matches(PeerIdentity.None).Should().BeFalse();

    private static PeerIdentity Peer(string id) => new(SpiffeId.TryParse(id, out var parsed) ? parsed : throw new FormatException(id), [], []);

    private static PeerIdentity Names(params string[] names) => new(null, names, [IPAddress.Parse("10.0.0.1")]);
}
