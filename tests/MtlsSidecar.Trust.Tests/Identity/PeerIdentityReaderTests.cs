using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Tests.Paths;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Identity;

public sealed class PeerIdentityReaderTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot();

    [Fact]
    public void SpiffeIdDnsNamesAndAddresses_AreRead()
    {
        var (identity, _) = Read("uri:spiffe://foo.test/web", "dns:WEB.foo.test", "ip:10.0.0.1", "email:a@foo.test");

        identity!.SpiffeId.ToString().Should().Be("spiffe://foo.test/web");
        identity.DnsNames.Should().Equal("web.foo.test");
        identity.IpAddresses.Should().ContainSingle();
        identity.Name.Should().Be("spiffe://foo.test/web");
    }

    [Fact]
    public void DnsNameThatIsNoHostName_IsLeftOutBesideOthers()
        => Read("uri:spiffe://foo.test/web", "dns:my_service.test", "dns:my-service.test").Identity!.DnsNames.Should().Equal("my-service.test");

    [Theory]
    [InlineData(RejectionReason.IdentityAmbiguous, "uri:spiffe://foo.test/a", "uri:spiffe://foo.test/b")]
    [InlineData(RejectionReason.IdentityAmbiguous, "uri:spiffe://foo.test/a", "uri:https://foo.test/")]
    [InlineData(RejectionReason.IdentityAmbiguous, "uri:spiffe://foo.test/a", "uri:spiffe://foo.test/a", "dns:foo.test")]
    [InlineData(RejectionReason.IdentityMissing, "uri:spiffe://foo.test")]
    [InlineData(RejectionReason.IdentityMissing, "uri:spiffe://foo.test/a?b", "dns:foo.test")]
    [InlineData(RejectionReason.IdentityMissing, "uri:SPIFFE://foo.test/a", "dns:foo.test")]
    [InlineData(RejectionReason.IdentityMissing, "uri:https://foo.test/a")]
    [InlineData(RejectionReason.IdentityMissing, "email:a@foo.test")]
    [InlineData(RejectionReason.IdentityMissing, "dns:my_service.foo.test")]
    [InlineData(RejectionReason.IdentityMissing, "dns:*.my_service.test")]
    [InlineData(RejectionReason.IdentityMissing, "dns:-a.foo.test")]
    [InlineData(RejectionReason.IdentityMissing, "dns:a-.foo.test")]
    [InlineData(RejectionReason.Malformed, "dns:foo.test;URI=spiffe://foo.test/admin")]
    [InlineData(RejectionReason.Malformed, "dns:")]
    [InlineData(RejectionReason.Malformed, "dns:foo..test")]
    [InlineData(RejectionReason.Malformed, "uri:spiffe://foo.test/a\r\nX: y")]
    [InlineData(RejectionReason.Malformed, "ip:0A0000")]
    public void NamesThatMakeNoIdentity_AreRefused(RejectionReason reason, params string[] names)
    {
        var (identity, rejection) = Read(names);

        identity.Should().BeNull();
        rejection!.Reason.Should().Be(reason);
    }

    [Fact]
    public void UriOfAnotherScheme_LeavesTheDnsNames()
        => Read("uri:https://foo.test/a", "dns:foo.test").Identity!.Name.Should().Be("dns:foo.test");

    [Fact]
    public void NoAlternativeNames_IsMissing()
    {
        using var leaf = _root.Issue(new IssueOptions { Subject = "CN=web.foo.test" });

        PeerIdentityReader.TryRead(SearchCase.Parse(leaf.Certificate), out _, out var rejection).Should().BeFalse();
        rejection!.Reason.Should().Be(RejectionReason.IdentityMissing);
    }

    [Fact]
    public void LenientReading_LeavesOutWhatDoesNotCount()
    {
        using var leaf = Issue("uri:spiffe://foo.test/a", "uri:spiffe://foo.test/b", "dns:foo..test", "dns:foo.test");

        var identity = PeerIdentityReader.ReadLenient(SearchCase.Parse(leaf.Certificate));

        identity.SpiffeId.Should().BeNull("two URI names make none");
        identity.DnsNames.Should().Equal("foo.test");
    }

    public void Dispose() => _root.Dispose();

    private (PeerIdentity? Identity, PeerRejection? Rejection) Read(params string[] names)
    {
        using var leaf = Issue(names);
        return PeerIdentityReader.TryRead(SearchCase.Parse(leaf.Certificate), out var identity, out var rejection) ? (identity, null) : (null, rejection);
    }

    private TestCertificate Issue(params string[] names)
        => _root.Issue(new IssueOptions { Configure = request => request.AddNames([.. names.Select(ForgedName.Parse)]) });
}
