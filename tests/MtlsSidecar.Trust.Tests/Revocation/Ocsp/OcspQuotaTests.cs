using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Ocsp;
using MtlsSidecar.Trust.Tests.Revocation.Crl;

namespace MtlsSidecar.Trust.Tests.Revocation.Ocsp;

/// <summary>A federated authority that wants to stop the checks of the own domain: many valid certificates, and servers that never answer.</summary>
public sealed class OcspQuotaTests : OcspStoreHouse
{
    private readonly TestAuthority _federated = TestAuthority.CreateRoot("Federated");

    [Fact]
    public async Task RespondersThatNeverAnswer_HoldUpOnlyTheirOwnAnchor()
    {
        Script = Tarpit;
        var hanging = Enumerable.Range(0, 40).Select(_ => CheckFederatedAsync()).ToList();
        await Eventually.HoldsAsync(() => Server.Requests.Count == 32, "all requests that it may have at one time");

        (await CheckAsync().WaitAsync(Eventually.DefaultTimeout)).Status.Should().Be(RevocationStatus.Good);
        hanging.Should().AllSatisfy(check => check.IsCompleted.Should().BeFalse());
    }

    [Fact]
    public async Task QueueBehindThem_IsBounded()
    {
        Script = Tarpit;

        var checks = Enumerable.Range(0, 300).Select(_ => CheckFederatedAsync()).ToList();

        // The clock stands still, so none of these has waited.
        var refused = await await Task.WhenAny(checks).WaitAsync(Eventually.DefaultTimeout);
        refused.Status.Should().Be(RevocationStatus.Unknown);
        refused.Detail.Should().Contain("too many");
        refused.AskAgainAt.Should().BeBefore(Clock.GetUtcNow().AddHours(1));
    }

    [Fact]
    public async Task CertificatesOfOneAnchor_MakeNoRoomForThoseOfAnother()
    {
        Use(new OcspFetchOptions { MaxCertificates = 3 });
        await CheckAsync();
        Script = request => request.RefuseAsync(503);
        for (var number = 0; number < 6; number++)
        {
            Clock.Advance(TimeSpan.FromMilliseconds(1));
            await CheckFederatedAsync();
        }

        (await StatusAsync()).Should().Be(RevocationStatus.Good, "it is still remembered");
        Store.Count.Should().Be(4);
    }

    private Task Tarpit(ScriptedRequest request)
        => request.Head.Contains("/tarpit", StringComparison.Ordinal) ? request.HangAsync() : request.AnswerAsync(Answer(Leaf));

    private Task<RevocationAnswer> CheckFederatedAsync()
    {
        using var leaf = _federated.Issue(new IssueOptions
        {
            Configure = request => request.CertificateExtensions.Add(
                new X509AuthorityInformationAccessExtension([Server.Url("/tarpit")], [], critical: false)),
        });
        var question = CrlQuestions.About(leaf.Certificate, _federated) with { At = Clock.GetUtcNow() };
        return new OcspRevocationSource(Store).CheckAsync(question, CancellationToken.None).AsTask();
    }
}
