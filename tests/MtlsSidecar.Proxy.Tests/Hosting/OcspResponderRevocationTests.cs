using Microsoft.Extensions.DependencyInjection;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Tests.Hosting;

/// <summary>The CRLs of the process have a say about the certificates of OCSP responders.</summary>
public sealed class OcspResponderRevocationTests : IDisposable
{
    private readonly WorkloadPki _pki = new();

    public void Dispose() => _pki.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RevokedResponder_VouchesForNobody(bool isRevoked)
    {
        var responder = _pki.Issuing.Issue(TestOcspResponse.ResponderOptions(noCheck: false));
        var entry = new TestOcspEntry(_pki.Web.Certificate.Certificate, _pki.Issuing.Certificate);
        await using var server = ScriptedHttpServer.Serving(new TestOcspResponse { Entries = [entry] }.Sign(responder));

        // The time-out is none of this test's concern, and its machine may be busy.
        var validation = new { Revocation = "Leaf", Ocsp = new { Enabled = true, Url = server.Url("/ocsp"), Timeout = "00:00:30" } };
        await using var app = SmallestSidecar.Build(_pki, validation);

        // Stale, so that nobody is good by it; whom it lists it revokes all the same.
        var crl = new TestCrl { NextUpdate = DateTimeOffset.UtcNow.AddMinutes(-1), Entries = isRevoked ? [TestCrlEntry.For(responder.Certificate)] : [] };
        app.Services.GetRequiredService<CrlStore>().Load("file", crl.Sign(_pki.Issuing)).Should().BeNull();

        var web = _pki.Web.Certificate;
        var answer = await app.Services.GetRequiredService<PeerValidator>().ValidateAsync(
            PresentedChain.From(web.Certificate, web.Intermediates), PeerExpectation.AnyClient, default);

        (answer as PeerValidation.Rejected)?.Rejection.Reason.Should().Be(isRevoked ? RejectionReason.RevocationUnknown : null);
        (answer is PeerValidation.Accepted).Should().Be(!isRevoked);
    }
}
