using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Tests.Revocation.Fetching;

/// <summary>Which servers are believed behind an https URL of the operator's: those under the public roots or under our own.</summary>
public sealed class HttpsFetchTests : IDisposable
{
    private static readonly byte[] Content = [1, 2, 3];
    private readonly TestAuthority _root = TestAuthority.CreateRoot();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task ServerUnderOurRoot_IsAsked()
    {
        using var issuing = _root.CreateIntermediate();

        (await FetchAsync(_root.Issue(Localhost))).Should().Equal(Content);
        (await FetchAsync(issuing.Issue(Localhost), issuing)).Should().Equal(Content, "the intermediate came with it");
    }

    [Fact]
    public async Task ServerUnderAStrangersRoot_IsNotAsked()
    {
        using var stranger = TestAuthority.CreateRoot();

        await ShouldBeRefusedAsync(stranger.Issue(Localhost));
    }

    [Fact]
    public async Task ServerOfAnotherName_IsNotAsked() => await ShouldBeRefusedAsync(_root.Issue(Localhost with { DnsNames = ["other.test"] }));

    [Fact]
    public async Task ServerWhoseCertificateHasExpired_IsNotAsked()
        => await ShouldBeRefusedAsync(_root.Issue(Localhost with { NotBefore = DateTimeOffset.UtcNow.AddHours(-2), NotAfter = DateTimeOffset.UtcNow.AddHours(-1) }));

    [Fact]
    public async Task ClientCertificate_IsNoServer() => await ShouldBeRefusedAsync(_root.Issue(Localhost with { Usages = [IssueOptions.ClientAuthentication] }));

    private static IssueOptions Localhost => new() { DnsNames = ["localhost"] };

    private async Task ShouldBeRefusedAsync(TestCertificate certificate)
        => await FluentActions.Awaiting(() => FetchAsync(certificate)).Should().ThrowAsync<FetchException>();

    private async Task<byte[]> FetchAsync(TestCertificate certificate, TestAuthority? issuing = null)
    {
        using var _ = certificate;
        await using var server = ScriptedHttpServer.StartTls(
            request => request.AnswerAsync(Content),
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(certificate.WithKey(), issuing is null ? null : new X509Certificate2Collection(issuing.Certificate), offline: true),
            });
        ParsedCertificate.TryParse(_root.Certificate.RawData, out var root, out var error).Should().BeTrue(error);
        using var fetcher = new HttpFetcher(new FetchOptions { AdditionalRoots = () => [root!] }, TimeProvider.System);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://localhost:{server.Endpoint.Port}/crl");
        using var content = await fetcher.SendAsync(request, FetchOrigin.Configured, 1000, CancellationToken.None);
        return content.Body!.Written.ToArray();
    }
}
