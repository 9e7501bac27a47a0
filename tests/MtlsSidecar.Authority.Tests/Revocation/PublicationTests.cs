using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.TestKit.Peers;

namespace MtlsSidecar.Authority.Tests.Revocation;

public sealed class PublicationTests(EstFixture fixture) : IClassFixture<EstFixture>
{
    private AuthorityProcess Authority => fixture.Authority;

    private AuthorityProgram Program => fixture.Authority.Program;

    [Fact]
    public async Task Crl_IsGivenOnce_AndOnlyAgainAfterARevocation()
    {
        var first = await GetAsync("/crl/issuing-1.crl");
        var tag = Header(first.Body, "etag");
        var modified = Header(first.Body, "last-modified");
        first.Status.Should().Be(200);
        Header(first.Body, "cache-control").Should().Contain("no-cache");

        (await GetAsync("/crl/issuing-1.crl", "If-None-Match: " + tag)).Status.Should().Be(304);
        (await GetAsync("/crl/issuing-1.crl", "If-Modified-Since: " + modified)).Status.Should().Be(304);

        await Program.RunWellAsync("revoke", (await Program.IssueAsync("a", "--replace")).Serial);
        (await GetAsync("/crl/issuing-1.crl", "If-None-Match: " + tag)).Status.Should().Be(200);
    }

    [Fact]
    public async Task PublishedCrl_AgreesWithOpenSsl_AboutGoodAndRevoked()
    {
        var (good, bad) = (await Program.IssueAsync("good", "--replace"), await Program.IssueAsync("bad", "--replace"));
        await Program.RunWellAsync("revoke", bad.Serial, "--reason", "superseded");

        var crls = await CrlPemAsync("root") + await CrlPemAsync("issuing-1");
        var file = Program.Write("crls.pem", crls);

        (await VerifyAsync(good, file)).Should().Contain("OK");
        (await VerifyAsync(bad, file)).Should().Contain("certificate revoked");
    }

    [Theory]
    [InlineData("/crl/nobody.crl")]
    [InlineData("/crl/../authority.db")]
    [InlineData("/crl/%2e%2e/authority.db")]
    [InlineData("/crl/..%2fkeys%2froot.key.crl")]
    [InlineData("/ca/issuing-1.key")]
    [InlineData("/keys/root.key")]
    [InlineData("/")]
    [InlineData("/.well-known/est/cacerts")]
    [InlineData("/metrics")]
    public async Task AnythingElse_IsNotThere(string path)
        => (await Authority.CurlAsync("--path-as-is", new Uri(Authority.Publish, "/").ToString().TrimEnd('/') + path)).Status.Should().Be(404);

    [Theory]
    [InlineData("published/stranger.crl", "/crl/stranger.crl")]
    [InlineData("published/issuing-1.crl.crl", "/crl/issuing-1.crl.crl")]
    [InlineData("secret.crl", "/crl/../secret.crl")]
    [InlineData("secret.crl", "/crl/%2e%2e/secret.crl")]
    [InlineData("secret.crl", "/crl/..%2fsecret.crl")]
    [InlineData("published/..%2fsecret.crl", "/crl/..%2fsecret.crl")]
    [InlineData("published/stranger.cer", "/ca/stranger.cer")]
    public async Task FileThatIsNoIssuers_IsNotServed_WhateverItsName(string file, string path)
    {
        Program.Write("authority/" + file, "secret");

        var answer = await Authority.CurlAsync("--path-as-is", new Uri(Authority.Publish, "/").ToString().TrimEnd('/') + path);

        answer.Status.Should().Be(404);
        answer.Body.Should().NotContain("secret");
    }

    [Fact]
    public async Task Enrolment_IsNotToBeHadWithoutTls()
        => (await Authority.CurlAsync("--data-binary", "x", new Uri(Authority.Publish, "/.well-known/est/simpleenroll").ToString())).Status.Should().Be(405);

    [Fact]
    public async Task DeltaCrlAndRootsCrl_ArePublished()
    {
        (await GetAsync("/crl/issuing-1-delta.crl")).Status.Should().Be(200);
        (await GetAsync("/crl/root.crl")).Status.Should().Be(200);
        (await GetAsync("/ca/root.cer")).Status.Should().Be(200);
    }

    private Task<CurlResult> GetAsync(string path, string? header = null) => Authority.CurlAsync(
        ["--dump-header", "-", "--output", Program["body"], .. header is null ? Array.Empty<string>() : ["--header", header], new Uri(Authority.Publish, path).ToString()]);

    private async Task<string> CrlPemAsync(string issuer)
    {
        await GetAsync($"/crl/{issuer}.crl");
        return (await OpenSsl.RunAsync("crl", "-inform", "DER", "-in", Program["body"])).Output + "\n";
    }

    private async Task<string> VerifyAsync(IssuedFiles certificate, string crlFile)
        => (await OpenSsl.RunAsync("verify", "-crl_check_all", "-CAfile", Program.Bundle, "-CRLfile", crlFile, "-untrusted", certificate.CertificateFile, certificate.CertificateFile)).ToString();

    private static string Header(string headers, string name)
        => headers.Split('\n').Select(line => line.Split(':', 2)).First(line => line[0].Equals(name, StringComparison.OrdinalIgnoreCase))[1].Trim();
}
