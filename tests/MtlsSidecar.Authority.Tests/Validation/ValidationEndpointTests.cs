using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.TestKit.Peers;

namespace MtlsSidecar.Authority.Tests.Validation;

public sealed class ValidationEndpointTests(EstFixture fixture) : IClassFixture<EstFixture>, IAsyncLifetime
{
    private IssuedFiles _caller = null!;

    private AuthorityProcess Authority => fixture.Authority;

    public async Task InitializeAsync() => _caller = await Authority.Program.IssueAsync("caller", "--replace");

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("?usage=client")]
    [InlineData("?usage=server")]
    [InlineData("?usage=any")]
    [InlineData("")]
    public async Task GoodChain_IsAccepted_WithAnEndInTheFuture(string query)
    {
        var answer = await VerdictAsync(_caller.CertificateFile, query);

        answer.GetProperty("verdict").GetString().Should().Be("accepted");
        answer.GetProperty("reason").ValueKind.Should().Be(JsonValueKind.Null);
        answer.GetProperty("validUntil").GetDateTimeOffset().Should().BeAfter(DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task ChainRevokedByTheCommand_IsRejectedAtOnce()
    {
        var peer = await Authority.Program.IssueAsync("peer", "--replace");
        (await VerdictAsync(peer.CertificateFile)).GetProperty("verdict").GetString().Should().Be("accepted");

        await Authority.Program.RunWellAsync("revoke", peer.Serial, "--reason", "keyCompromise");

        var answer = await VerdictAsync(peer.CertificateFile);
        answer.GetProperty("verdict").GetString().Should().Be("rejected");
        answer.GetProperty("reason").GetString().Should().Be("Revoked");
    }

    [Fact]
    public async Task ForeignChain_IsRejected()
    {
        using var other = await AuthorityProgram.InitAsync();

        (await VerdictAsync((await other.IssueAsync()).CertificateFile)).GetProperty("verdict").GetString().Should().Be("rejected");
    }

    [Theory]
    [InlineData("no certificate at all")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    public async Task UnreadableChain_IsMalformed(string chain)
        => (await VerdictAsync(Authority.Program.Write("chain.pem", chain))).GetProperty("reason").GetString().Should().Be("Malformed");

    [Fact]
    public async Task CallerWithoutCertificate_GetsNoVerdict()
    {
        var answer = await Authority.CurlAsync("--data-binary", "@" + _caller.CertificateFile, "--header", "Content-Type: application/pem-certificate-chain", Authority.Validations);

        answer.Status.Should().Be(403);
        answer.Body.Should().Contain("NoCertificate").And.NotContain("verdict");
    }

    [Fact]
    public async Task RevokedCaller_GetsNoVerdict()
    {
        var caller = await Authority.Program.IssueAsync("leaver", "--replace");
        await Authority.Program.RunWellAsync("revoke", caller.Serial);

        var answer = await PostAsync(caller, _caller.CertificateFile, "");

        answer.Status.Should().Be(403);
        answer.Body.Should().Contain("Revoked");
    }

    [Fact]
    public async Task CallerRevokedSinceItConnected_GetsNoFurtherVerdict()
    {
        var caller = await Authority.Program.IssueAsync("lingerer", "--replace");
        using var client = EstClient.Create(Authority, caller);
        (await AskAsync(client)).Should().Be(HttpStatusCode.OK);

        await Authority.Program.RunWellAsync("revoke", caller.Serial);

        // The same connection, whose handshake was before the revocation: nothing has closed it.
        (await AskAsync(client)).Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task SelfSignedCaller_GetsNoVerdict()
    {
        var (certificate, key) = (Authority.Program["self.pem"], Authority.Program["self.key"]);
        await OpenSsl.RunAsync(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=self", "-addext", "subjectAltName=URI:spiffe://foo.test/ns/default/sa/caller",
            "-keyout", key, "-out", certificate);

        (await PostAsync(new IssuedFiles(certificate, key, ""), _caller.CertificateFile, "")).Status.Should().Be(403);
    }

    [Theory]
    [InlineData("?usage=peer", "application/pem-certificate-chain", 400)]
    [InlineData("", "application/json", 415)]
    public async Task WrongQuestion_IsRefused(string query, string contentType, int status)
        => (await PostAsync(_caller, _caller.CertificateFile, query, contentType)).Status.Should().Be(status);

    [Fact]
    public async Task EndlessChain_Is413()
        => (await PostAsync(_caller, Authority.Program.Write("long.pem", new string('\n', 300_000)), "")).Status.Should().Be(413);

    private async Task<HttpStatusCode> AskAsync(HttpClient client)
    {
        using var chain = new ByteArrayContent(await File.ReadAllBytesAsync(_caller.CertificateFile)) { Headers = { ContentType = new MediaTypeHeaderValue("application/pem-certificate-chain") } };
        using var response = await client.PostAsync(new Uri(Authority.Validations), chain);
        return response.StatusCode;
    }

    private async Task<JsonElement> VerdictAsync(string chainFile, string query = "")
    {
        var answer = await PostAsync(_caller, chainFile, query);
        answer.Status.Should().Be(200, answer.Body);
        using var document = JsonDocument.Parse(answer.Body);
        return document.RootElement.Clone();
    }

    private Task<CurlResult> PostAsync(IssuedFiles caller, string chainFile, string query, string contentType = "application/pem-certificate-chain") => Authority.CurlAsync(
        "--cert", caller.CertificateFile, "--key", caller.KeyFile, "--data-binary", "@" + chainFile, "--header", "Content-Type: " + contentType, Authority.Validations + query);
}
