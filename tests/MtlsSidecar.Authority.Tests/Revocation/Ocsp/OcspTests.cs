using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.TestKit.Peers;

namespace MtlsSidecar.Authority.Tests.Revocation.Ocsp;

/// <summary>The responder from outside, with openssl.</summary>
public sealed class OcspTests(EstFixture fixture) : IClassFixture<EstFixture>
{
    private AuthorityProcess Authority => fixture.Authority;

    private AuthorityProgram Program => fixture.Authority.Program;

    [Theory]
    [InlineData("-sha1")]
    [InlineData("-sha256")]
    public async Task GoodCertificate_IsGood_AndTheAnswerIsSignedByADelegate(string hash)
    {
        var web = await Program.IssueAsync("good", "--replace");

        var answer = await AskAsync(web, hash);

        answer.Should().Contain("Response verify OK").And.Contain(": good");
    }

    /// <summary>RFC 6960 §4.2.2.2.1: without it a client would ask the responder about the responder, or refuse its answers.</summary>
    [Fact]
    public async Task RespondersCertificate_SaysThatItIsNotToBeChecked()
    {
        var web = await Program.IssueAsync("nocheck", "--replace");

        (await OpenSsl.RunAsync([.. await QuestionAsync(), "-cert", web.CertificateFile, "-resp_text"])).Output.Should().Contain("OCSP No Check");
    }

    [Fact]
    public async Task CertificateRevokedByTheCommand_IsRevokedAtOnce_ThoughItWasJustGood()
    {
        var web = await Program.IssueAsync("bad", "--replace");
        (await AskAsync(web)).Should().Contain(": good");

        await Program.RunWellAsync("revoke", web.Serial, "--reason", "keyCompromise");

        (await AskAsync(web)).Should().Contain("Response verify OK").And.Contain(": revoked").And.Contain("keyCompromise");
    }

    [Fact]
    public async Task HeldCertificate_IsGoodAgainAfterItsRelease()
    {
        var web = await Program.IssueAsync("held", "--replace");
        await Program.RunWellAsync("revoke", web.Serial, "--reason", "certificateHold");
        (await AskAsync(web)).Should().Contain("certificateHold");

        await Program.RunWellAsync("revoke", web.Serial, "--reason", "removeFromCRL");

        (await AskAsync(web)).Should().Contain(": good");
    }

    [Fact]
    public async Task NumberThatWasNeverGiven_IsUnknown()
        => (await OpenSsl.RunAsync([.. await QuestionAsync(), "-serial", "0x123456"])).Output.Should().Contain("unknown");

    [Fact]
    public async Task CertificateOfAnotherAuthority_IsNoneOfOurs()
    {
        using var other = await AuthorityProgram.InitAsync();
        var foreign = await other.IssueAsync();

        (await OpenSsl.RunAsync("ocsp", "-issuer", other.Bundle, "-cert", foreign.CertificateFile, "-url", Authority.Ocsp, "-no_nonce")).Output.Should().Contain("unauthorized");
    }

    [Fact]
    public async Task AnswerToAGet_MayBeCached_UntilItEnds()
    {
        var web = await Program.IssueAsync("get", "--replace");
        await OpenSsl.RunAsync("ocsp", "-issuer", await IssuerAsync(), "-cert", web.CertificateFile, "-no_nonce", "-reqout", Program["request"]);
        var encoded = Uri.EscapeDataString(Convert.ToBase64String(await File.ReadAllBytesAsync(Program["request"])));

        var answer = await Authority.CurlAsync("--dump-header", Program["headers"], "--output", Program["answer"], $"{Authority.Ocsp}/{encoded}");

        answer.Status.Should().Be(200);
        File.ReadAllText(Program["headers"]).Should().Contain("application/ocsp-response").And.MatchRegex("max-age=(2[0-9][0-9]|300),");
        (await OpenSsl.RunAsync("ocsp", "-respin", Program["answer"], "-issuer", await IssuerAsync(), "-cert", web.CertificateFile, "-CAfile", Program.Bundle, "-no_nonce"))
            .Output.Should().Contain(": good");
    }

    [Theory]
    [InlineData("/not-base64!")]
    [InlineData("/AAAA")]
    [InlineData("/")]
    public async Task UnreadableGet_IsAMalformedRequest(string path)
    {
        await Authority.CurlAsync("--output", Program["error"], Authority.Ocsp + path);

        (await OpenSsl.RunAsync("ocsp", "-respin", Program["error"], "-noverify", "-resp_text")).ToString().Should().Contain("malformedrequest");
    }

    [Fact]
    public async Task OversizedPost_Is413()
    {
        var answer = await Authority.CurlAsync(
            "--header", "Content-Type: application/ocsp-request", "--data-binary", "@" + Program.Write("large", new byte[10_000]), Authority.Ocsp);

        answer.Status.Should().Be(413);
    }

    private async Task<string> AskAsync(IssuedFiles about, string hash = "-sha1")
        => (await OpenSsl.RunAsync([.. await QuestionAsync(hash), "-cert", about.CertificateFile])).ToString();

    private async Task<string[]> QuestionAsync(string hash = "-sha1")
        => ["ocsp", hash, "-issuer", await IssuerAsync(), "-url", Authority.Ocsp, "-CAfile", Program.Bundle, "-no_nonce"];

    /// <summary>The issuer's certificate from where certificates say it is.</summary>
    private async Task<string> IssuerAsync()
    {
        await Authority.CurlAsync("--output", Program["issuer.cer"], new Uri(Authority.Publish, "/ca/issuing-1.cer").ToString());
        await OpenSsl.RunAsync("x509", "-inform", "DER", "-in", Program["issuer.cer"], "-out", Program["issuer.pem"]);
        return Program["issuer.pem"];
    }
}
