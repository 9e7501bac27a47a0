using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Fetching;
using MtlsSidecar.Trust.Revocation.Ocsp;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Authority.Tests.Revocation.Ocsp;

/// <summary>The responder as the sidecar sees it.</summary>
public sealed class SidecarAsClientTests(EstFixture fixture) : IClassFixture<EstFixture>
{
    [Theory]
    [InlineData(OcspMethod.Post)]
    [InlineData(OcspMethod.Get)]
    public async Task Answers_AreBelievedAndFollowed(OcspMethod method)
    {
        var program = fixture.Authority.Program;
        var web = await program.IssueAsync("sidecar-" + method, "--replace");
        using var store = new OcspStore(
            new OcspFetchOptions { Url = fixture.Authority.Ocsp, Method = method, Timeout = TimeSpan.FromSeconds(10) }, new OcspOptions(), new FetchOptions(), TimeProvider.System);
        var question = await QuestionAsync(web, program.Bundle);
        var source = new OcspRevocationSource(store);
        (await source.CheckAsync(question, CancellationToken.None)).Should().Match<RevocationAnswer>(answer => answer.Status == RevocationStatus.Good, "the answer is good");

        await program.RunWellAsync("revoke", web.Serial, "--reason", "keyCompromise");
        await store.RefreshAllAsync();

        (await source.CheckAsync(question, CancellationToken.None)).Status.Should().Be(RevocationStatus.Revoked);
        store.Generation.Should().Be(1);
    }

    private static async Task<RevocationQuestion> QuestionAsync(IssuedFiles issued, string bundle)
    {
        var presented = CertificatePem.Read(await File.ReadAllTextAsync(issued.CertificateFile), "presented");
        var anchors = CertificatePem.Read(await File.ReadAllTextAsync(bundle), "anchors");
        var now = DateTimeOffset.UtcNow;
        var search = new PathSearch(presented[0], [.. presented.Skip(1)], anchors, PathOptions.Workload, now);
        search.TryNext(out var path).Should().BeTrue();
        return new RevocationQuestion(path!, 0, [], now);
    }
}
