using System.Globalization;
using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.Authority.Tests.Enrolment;

/// <summary>EST from outside, with curl and openssl and nothing of ours.</summary>
public sealed class EstTests(EstFixture fixture) : IClassFixture<EstFixture>
{
    private AuthorityProcess Authority => fixture.Authority;

    private AuthorityProgram Program => fixture.Authority.Program;

    [Fact]
    public async Task CaCerts_GiveRootAndIssuer_ToAnybody()
    {
        var answer = await Authority.CurlAsync("--dump-header", Program["headers"], Authority.Est + "cacerts");

        answer.Status.Should().Be(200);
        File.ReadAllText(Program["headers"]).ToLowerInvariant().Should().Contain("content-type: application/pkcs7-mime").And.Contain("content-transfer-encoding: base64");
        File.ReadAllText(await Csr.SaveAsync(Program, answer.Body, "cacerts.pem")).Should().Contain("CN = foo.test root").And.Contain("CN = foo.test issuing-1");
    }

    [Fact]
    public async Task TokenAndRequest_GiveACertificate_WhichRenewsItself()
    {
        var first = await Csr.CreateAsync(Program, "first");
        var enrolled = await Authority.EnrolAsync(await Authority.TokenAsync("web", "--dns", "web.foo.test"), first.RequestFile);
        enrolled.Status.Should().Be(200, enrolled.Body);
        var certificate = await Csr.SaveAsync(Program, enrolled.Body, "first.pem");
        (await OpenSsl.RunAsync("x509", "-in", certificate, "-noout", "-ext", "subjectAltName")).Output
            .Should().Contain("URI:spiffe://foo.test/ns/default/sa/web, DNS:web.foo.test");

        var second = await Csr.CreateAsync(Program, "second");
        var renewed = await Authority.RenewAsync(certificate, first.KeyFile, second.RequestFile);
        renewed.Status.Should().Be(200, renewed.Body);
        var next = await Csr.SaveAsync(Program, renewed.Body, "second.pem");
        (await OpenSsl.RunAsync("x509", "-in", next, "-noout", "-ext", "subjectAltName")).Output
            .Should().Contain("URI:spiffe://foo.test/ns/default/sa/web, DNS:web.foo.test");
        (await Authority.RenewAsync(next, second.KeyFile, first.RequestFile)).Status.Should().Be(200);
    }

    [Fact]
    public async Task NoToken_IsAskedForOne()
    {
        var request = await Csr.CreateAsync(Program, "no-token");

        var answer = await Authority.CurlAsync("--include", "--data-binary", "@" + request.RequestFile, Authority.Est + "simpleenroll");

        answer.Status.Should().Be(401);
        answer.Body.ToLowerInvariant().Should().Contain("www-authenticate: basic");
    }

    [Fact]
    public async Task ReusedToken_Is401_AndAudited()
    {
        var token = await Authority.TokenAsync();
        (await Authority.EnrolAsync(token, (await Csr.CreateAsync(Program, "use-1")).RequestFile)).Status.Should().Be(200);

        var again = await Authority.EnrolAsync(token, (await Csr.CreateAsync(Program, "use-2")).RequestFile);

        again.Status.Should().Be(401);
        again.Body.Should().Contain("UsedToken");
        File.ReadAllText(Path.Combine(Program.Data, "audit.log")).Should().Contain("UsedToken").And.NotContain(token);
        Authority.Process.Output.ToString().Should().NotContain(token);
    }

    [Fact]
    public async Task ExpiredToken_Is401()
    {
        var token = await Authority.TokenAsync("web", "--valid", "1s");
        var greedy = await Csr.CreateAsync(Program, "late", "-addext", "subjectAltName=URI:spiffe://foo.test/ns/default/sa/admin");

        // A request for too much costs no use, and is refused for another reason as long as the token is good.
        var answer = await Authority.EnrolAsync(token, greedy.RequestFile);
        await Eventually.HoldsAsync(async () => (answer = await Authority.EnrolAsync(token, greedy.RequestFile)).Status == 401, "the token's end");

        answer.Body.Should().Contain("ExpiredToken");
    }

    [Fact]
    public async Task TokenOfAnotherAuthority_Is401()
    {
        using var other = await AuthorityProgram.InitAsync();
        var token = (await other.RunWellAsync("token", "--id", "spiffe://foo.test/ns/default/sa/web")).Trim();
        await Authority.TokenAsync();

        var answer = await Authority.EnrolAsync(token, (await Csr.CreateAsync(Program, "foreign-token")).RequestFile);

        answer.Status.Should().Be(401);
        answer.Body.Should().Contain("UnknownToken");
    }

    [Theory]
    [InlineData("addext", "subjectAltName=URI:spiffe://foo.test/ns/default/sa/admin", 403, "ForeignNames")]
    [InlineData("addext", "basicConstraints=critical,CA:TRUE", 403, "AuthorityRequested")]
    [InlineData("newkey", "rsa:1024", 400, "BadRequest")]
    public async Task RequestForTooMuch_IsRefused_AndTheTokenStaysGood(string option, string value, int status, string reason)
    {
        var token = await Authority.TokenAsync();
        var greedy = await Csr.CreateAsync(Program, "greedy", "-" + option, value);

        var answer = await Authority.EnrolAsync(token, greedy.RequestFile);

        answer.Status.Should().Be(status, answer.Body);
        ReasonOf(answer).Should().Be(reason, "what was found is for the audit alone");
        (await Authority.EnrolAsync(token, (await Csr.CreateAsync(Program, "modest")).RequestFile)).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("not a request")]
    [InlineData("MIIBAA==")]
    [InlineData("====")]
    [InlineData("")]
    public async Task Nonsense_Is400(string body)
    {
        var file = Program.Write("nonsense", body);

        (await Authority.EnrolAsync(await Authority.TokenAsync(), file)).Status.Should().Be(400);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EndlessRequest_Is413(bool isChunked)
    {
        var file = Program.Write("large", new string('A', 100_000));

        var header = isChunked ? "Transfer-Encoding: chunked" : "X-Other: 1";
        var answer = await Authority.CurlAsync("--http1.1", "--user", $"x:{await Authority.TokenAsync()}", "--header", header, "--data-binary", "@" + file, Authority.Est + "simpleenroll");

        answer.Status.Should().Be(413);
    }

    [Fact]
    public async Task RevokedCertificate_RenewsNothing()
    {
        var old = await Program.IssueAsync("revoked");
        await Program.RunWellAsync("revoke", old.Serial);

        (await RenewalOfAsync(old)).Should().Be((403, "CertificateRejected"));
    }

    [Fact]
    public async Task ExpiredCertificate_RenewsNothing()
    {
        await using var authority = await AuthorityProcess.StartAsync("--certificate-lifetime", "5s");
        var request = await Csr.CreateAsync(authority.Program);
        var enrolled = await authority.EnrolAsync(await authority.TokenAsync(), request.RequestFile);
        var certificate = await Csr.SaveAsync(authority.Program, enrolled.Body, "short.pem");

        var answer = enrolled;
        await Eventually.HoldsAsync(
            async () => (answer = await authority.RenewAsync(certificate, request.KeyFile, request.RequestFile)).Status != 200, "the certificate's end");

        answer.Status.Should().Be(403);
        answer.Body.Should().Contain("CertificateRejected");
        File.ReadAllText(Path.Combine(authority.Program.Data, "audit.log")).Should().Contain("Expired");
    }

    [Fact]
    public async Task CertificateOfAnotherAuthority_RenewsNothing()
    {
        using var other = await AuthorityProgram.InitAsync();

        (await RenewalOfAsync(await other.IssueAsync())).Should().Be((403, "CertificateRejected"));
    }

    [Fact]
    public async Task NoCertificate_RenewsNothing()
    {
        var request = await Csr.CreateAsync(Program, "bare");

        (await Authority.CurlAsync("--data-binary", "@" + request.RequestFile, Authority.Est + "simplereenroll")).Status.Should().Be(403);
    }

    [Fact]
    public async Task TwoHundredClientsAtOnce_AllGetTheirs()
    {
        const int Clients = 200;
        var token = await Authority.TokenAsync("many", "--uses", Clients.ToString(CultureInfo.InvariantCulture));
        using var client = EstClient.Create(Authority, token);

        var serials = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => EstClient.EnrolAsync(client)));

        serials.Should().OnlyHaveUniqueItems();
        (await Program.ListAsync()).Count(certificate => certificate.Identity.EndsWith("/many", StringComparison.Ordinal)).Should().Be(Clients);
        (await Authority.EnrolAsync(token, (await Csr.CreateAsync(Program, "one-more")).RequestFile)).Status.Should().Be(401);
    }

    [Fact]
    public async Task SecondIssuer_TakesOver_AndSidecarsSeeIt()
    {
        await using var authority = await AuthorityProcess.StartAsync();
        var old = await authority.Program.IssueAsync("old");
        await authority.Program.RunWellAsync("issuer", "add");

        var cacerts = await authority.CurlAsync(authority.Est + "cacerts");
        File.ReadAllText(await Csr.SaveAsync(authority.Program, cacerts.Body, "cacerts.pem")).Should().Contain("issuing-1").And.Contain("issuing-2");

        var request = await Csr.CreateAsync(authority.Program);
        var renewed = await authority.RenewAsync(old.CertificateFile, old.KeyFile, request.RequestFile);
        renewed.Status.Should().Be(200, renewed.Body);
        (await OpenSsl.RunAsync("x509", "-noout", "-issuer", "-in", await Csr.SaveAsync(authority.Program, renewed.Body, "new.pem"))).Output.Should().Contain("issuing-2");

        await authority.Program.RunWellAsync("revoke", old.Serial);
        (await authority.RenewAsync(old.CertificateFile, old.KeyFile, request.RequestFile)).Status.Should().Be(403);
    }

    private async Task<(int Status, string Reason)> RenewalOfAsync(IssuedFiles old)
    {
        var request = await Csr.CreateAsync(Program, "renewal");
        var answer = await Authority.RenewAsync(old.CertificateFile, old.KeyFile, request.RequestFile);
        return (answer.Status, ReasonOf(answer));
    }

    private static string ReasonOf(CurlResult answer)
    {
        using var problem = System.Text.Json.JsonDocument.Parse(answer.Body);
        return problem.RootElement.GetProperty("reason").GetString()!;
    }
}
