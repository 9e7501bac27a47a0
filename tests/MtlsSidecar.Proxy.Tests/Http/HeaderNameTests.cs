using MtlsSidecar.Proxy.Http;

namespace MtlsSidecar.Proxy.Tests.Http;

public sealed class HeaderNameTests
{
    [Theory]
    [InlineData("X-Forwarded-Client-Cert", nameof(HeaderClaim.ForwardedClientCert))]
    [InlineData("x-forwarded-client-cert", nameof(HeaderClaim.ForwardedClientCert))]
    [InlineData("X_Forwarded_Client_Cert", nameof(HeaderClaim.Identity))]
    [InlineData("x.forwarded-client_CERT", nameof(HeaderClaim.Identity))]
    [InlineData("X~Forwarded^Client!Cert", nameof(HeaderClaim.Identity))]
    [InlineData("Client-Cert", nameof(HeaderClaim.Identity))]
    [InlineData("CLIENT_CERT", nameof(HeaderClaim.Identity))]
    [InlineData("client.cert.chain", nameof(HeaderClaim.Identity))]
    [InlineData("Client-Cert-Chain", nameof(HeaderClaim.Identity))]
    [InlineData("X-Forwarded-For", nameof(HeaderClaim.Forwarding))]
    [InlineData("x_forwarded_for", nameof(HeaderClaim.Forwarding))]
    [InlineData("X-Forwarded.Proto", nameof(HeaderClaim.Forwarding))]
    [InlineData("X_FORWARDED-HOST", nameof(HeaderClaim.Forwarding))]
    [InlineData("forwarded", nameof(HeaderClaim.Forwarding))]
    [InlineData("X-HTTP-Method-Override", nameof(HeaderClaim.Rewriting))]
    [InlineData("x_http_method_override", nameof(HeaderClaim.Rewriting))]
    [InlineData("X-HTTP-Method", nameof(HeaderClaim.Rewriting))]
    [InlineData("X-Method-Override", nameof(HeaderClaim.Rewriting))]
    [InlineData("X-Original-URL", nameof(HeaderClaim.Rewriting))]
    [InlineData("X.Rewrite.URL", nameof(HeaderClaim.Rewriting))]
    [InlineData("X-Original-Uri", nameof(HeaderClaim.Rewriting))]
    [InlineData("X-Original-Method", nameof(HeaderClaim.Rewriting))]
    [InlineData("X-Forwarded-Prefix", nameof(HeaderClaim.Rewriting))]
    [InlineData("X-Forwarded-Port", nameof(HeaderClaim.Rewriting))]
    [InlineData("X-Forwarded-Ssl", nameof(HeaderClaim.Rewriting))]
    [InlineData("X-Forwarded-Path", nameof(HeaderClaim.Rewriting))]
    [InlineData("X-Forwarded-Uri", nameof(HeaderClaim.Rewriting))]
    [InlineData("X-Forwarded-Method", nameof(HeaderClaim.Rewriting))]
    [InlineData("X-Forwarded-Scheme", nameof(HeaderClaim.Rewriting))]
    [InlineData("Content_Length", nameof(HeaderClaim.DisguisedFraming))]
    [InlineData("transfer.encoding", nameof(HeaderClaim.DisguisedFraming))]
    public void EverySpellingAnApplicationMayTakeForOurs_IsRecognised(string name, string claim)
        => HeaderName.Classify(name).ToString().Should().Be(claim);

    [Theory]
    [InlineData("Content-Length")]
    [InlineData("TRANSFER-ENCODING")]
    [InlineData("XForwardedClientCert")]
    [InlineData("X-Forwarded-Client-Carts")]
    [InlineData("X-Forwarded-Client-Carl")]
    [InlineData("X0Forwarded0Client0Cert")]
    [InlineData("Client-Cert2")]
    [InlineData("Clients-Cer")]
    [InlineData("X-Forwarded-Prefiy")]
    [InlineData("X-Original")]
    [InlineData("Host")]
    [InlineData("")]
    public void OtherNames_ClaimNothing(string name) => HeaderName.Classify(name).Should().Be(HeaderClaim.None);

    [Theory]
    [InlineData("Host", true)]
    [InlineData("x!#$%&'*+-.^_`|~9", true)]
    [InlineData("", false)]
    [InlineData("a b", false)]
    [InlineData("a:b", false)]
    [InlineData("a\r\nb", false)]
    [InlineData("a(b)", false)]
    [InlineData("ä", false)]
    public void OnlyTokens_AreHeaderNames(string name, bool isToken) => HeaderName.IsToken(name).Should().Be(isToken);
}
