using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Inbound.Headers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Proxy.Tests.Inbound.Headers;

public sealed class InboundHeadersTests : IDisposable
{
    private const string Web = "spiffe://foo.test/ns/default/sa/web";
    private const string Orders = "spiffe://foo.test/ns/default/sa/orders";
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly HttpRequestMessage _request = new();
    private readonly DefaultHttpContext _context = new();

    public InboundHeadersTests()
    {
        _context.Connection.RemoteIpAddress = IPAddress.Parse("::ffff:192.0.2.7");
        _context.Request.Scheme = "https";
        _context.Request.Host = new HostString("orders.internal:8443");
    }

    public void Dispose()
    {
        _root.Dispose();
        _request.Dispose();
    }

    [Fact]
    public async Task SanitizeSet_StatesThePeersCertificateInEnvoysFormat()
    {
        using var web = _root.Issue(new IssueOptions { Subject = "CN=web, O=\"Acme, Inc\"", Uris = [Web], DnsNames = ["Web.test", "*.web.test"] });

        await ApplyAsync(web, ForwardedClientCertMode.SanitizeSet);

        var hash = Convert.ToHexStringLower(SHA256.HashData(web.Certificate.RawData));
        Header("X-Forwarded-Client-Cert").Should().Be(
            $"By={Orders};Hash={hash};Subject=\"CN=web,O=Acme\\, Inc\";URI={Web};DNS=web.test;DNS=*.web.test");
    }

    [Fact]
    public async Task PeerWithoutSpiffeId_HasAnEmptyUri()
    {
        using var web = _root.Issue(new IssueOptions { DnsNames = ["web.test"] });

        await ApplyAsync(web, ForwardedClientCertMode.SanitizeSet, own: null);

        Header("X-Forwarded-Client-Cert").Should().StartWith("Hash=").And.EndWith(";Subject=\"CN=workload\";URI=;DNS=web.test");
    }

    [Theory]
    [InlineData("a.test;URI=spiffe://foo.test/ns/default/sa/admin")]
    [InlineData("a.test,By=x")]
    [InlineData("a.test\"")]
    [InlineData("a.test\r\nX-Evil: 1")]
    public void DnsNameThatIsMoreThanAName_IsLeftOut(string name)
    {
        using var web = _root.Issue(new IssueOptions { Uris = [Web] });
        ParsedCertificate.TryParse(web.Certificate.RawDataMemory, out var leaf, out _).Should().BeTrue();

        var element = ForwardedClientCert.Describe(leaf!, new PeerIdentity(null, [name, "web.test"], []), null);

        element.Should().EndWith(";URI=;DNS=web.test").And.NotContain("a.test");
    }

    [Fact]
    public void DnsNames_AreBounded()
    {
        using var web = _root.Issue(new IssueOptions { Uris = [Web] });
        ParsedCertificate.TryParse(web.Certificate.RawDataMemory, out var leaf, out _).Should().BeTrue();

        var element = ForwardedClientCert.Describe(leaf!, new PeerIdentity(null, [.. Enumerable.Range(1, 101).Select(number => $"n{number}.test")], []), null);

        element.Should().EndWith(";DNS=n100.test", "an application's limit of a header must not be the peer's to exceed");
    }

    [Theory]
    [InlineData(ForwardedClientCertMode.SanitizeSet)]
    [InlineData(ForwardedClientCertMode.Sanitize)]
    public async Task WhatThePeerSent_IsReplacedByTheSanitizingModes(ForwardedClientCertMode mode)
    {
        Receive("X-Forwarded-Client-Cert", "Hash=forged");
        using var web = _root.Issue(new IssueOptions { Uris = [Web] });

        await ApplyAsync(web, mode);

        Header("X-Forwarded-Client-Cert").Should().NotContain("forged");
        Header("X-Forwarded-Client-Cert").Contains("Hash=", StringComparison.Ordinal).Should().Be(mode == ForwardedClientCertMode.SanitizeSet);
    }

    [Fact]
    public async Task ForwardOnly_PassesWhatThePeerSent()
    {
        Receive("X-Forwarded-Client-Cert", "Hash=1, Hash=2");
        using var web = _root.Issue(new IssueOptions { Uris = [Web] });

        await ApplyAsync(web, ForwardedClientCertMode.ForwardOnly);

        Header("X-Forwarded-Client-Cert").Should().Be("Hash=1, Hash=2");
    }

    [Theory]
    [InlineData("Hash=1", "Hash=1,By=")]
    [InlineData("Subject=\"CN=a", "By=")]
    public async Task AppendForward_AppendsToWhatIsWellFormedAndDropsTheRest(string sent, string expected)
    {
        Receive("X-Forwarded-Client-Cert", sent);
        using var web = _root.Issue(new IssueOptions { Uris = [Web] });

        await ApplyAsync(web, ForwardedClientCertMode.AppendForward);

        Header("X-Forwarded-Client-Cert").Should().StartWith(expected + Orders).And.EndWith("URI=" + Web);
    }

    [Fact]
    public async Task ClientCertHeaders_CarryTheLeafAndTheIntermediatesAsByteSequences()
    {
        using var upper = _root.CreateIntermediate("upper");
        using var lower = upper.CreateIntermediate("lower");
        using var web = lower.Issue(new IssueOptions { Uris = [Web] });

        await ApplyAsync(web, ForwardedClientCertMode.Sanitize, setsClientCert: true);

        Header("Client-Cert").Should().Be($":{Convert.ToBase64String(web.Certificate.RawData)}:");
        Header("Client-Cert-Chain").Should().Be(
            $":{Convert.ToBase64String(lower.Certificate.RawData)}:, :{Convert.ToBase64String(upper.Certificate.RawData)}:");
    }

    [Fact]
    public async Task ClientCertChain_IsLeftOutWhenTheAnchorIssuedTheLeaf()
    {
        Receive("Client-Cert-Chain", ":AAAA:");
        using var web = _root.Issue(new IssueOptions { Uris = [Web] });

        await ApplyAsync(web, ForwardedClientCertMode.Sanitize, setsClientCert: true);

        Header("Client-Cert-Chain").Should().BeEmpty();
    }

    [Fact]
    public async Task ClientCertHeaders_AreNotLeftToThePeerWhenTheyAreOff()
    {
        Receive("Client-Cert", ":AAAA:");
        Receive("Client-Cert-Chain", ":AAAA:");
        using var web = _root.Issue(new IssueOptions { Uris = [Web] });

        await ApplyAsync(web, ForwardedClientCertMode.SanitizeSet);

        Header("Client-Cert").Should().BeEmpty();
        Header("Client-Cert-Chain").Should().BeEmpty();
    }

    [Fact]
    public async Task ForwardingHeaders_AreReplaced()
    {
        Receive("X-Forwarded-For", "203.0.113.1");
        Receive("X-Forwarded-Proto", "http");
        Receive("X-Forwarded-Host", "evil.test");
        using var web = _root.Issue(new IssueOptions { Uris = [Web] });

        await ApplyAsync(web, ForwardedClientCertMode.SanitizeSet);

        Header("X-Forwarded-For").Should().Be("192.0.2.7");
        Header("X-Forwarded-Proto").Should().Be("https");
        Header("X-Forwarded-Host").Should().Be("orders.internal:8443");
    }

    /// <summary>The peer sent it and YARP has copied it.</summary>
    private void Receive(string name, string value)
    {
        _context.Request.Headers[name] = value;
        _request.Headers.TryAddWithoutValidation(name, value);
    }

    private string Header(string name) => _request.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : "";

    private async Task ApplyAsync(TestCertificate certificate, ForwardedClientCertMode mode, bool setsClientCert = false, string? own = Orders)
    {
        SpiffeId? ownId = own is not null && SpiffeId.TryParse(own, out var id) ? id : null;
        var peer = await ValidatedPeers.ValidateAsync(_root, certificate);
        new InboundHeaders(mode, setsClientCert).Apply(_context, _request, new PeerHeaders(peer, ownId));
    }
}
