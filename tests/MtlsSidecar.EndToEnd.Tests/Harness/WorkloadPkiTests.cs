using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.EndToEnd.Tests.Harness;

/// <summary>A refusal proves nothing if the certificates are broken in a way that the test did not mean: OpenSSL judges them too.</summary>
public sealed class WorkloadPkiTests : IDisposable
{
    private readonly WorkloadPki _pki = new();

    public void Dispose() => _pki.Dispose();

    [Fact]
    public async Task WorkloadCertificate_IsVerifiedByOpenSslWithCrls()
    {
        var result = await VerifyAsync(_pki.Web);

        result.Output.Should().Contain("OK");
        result.ExitCode.Should().Be(0, result.ToString());
    }

    [Fact]
    public async Task RevokedCertificate_IsRefusedByOpenSsl()
    {
        _pki.Revoke(_pki.Web);

        (await VerifyAsync(_pki.Web)).Error.Should().Contain("certificate revoked");
        (await VerifyAsync(_pki.Orders)).ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task ForeignCertificate_IsRefusedByOpenSsl()
    {
        (await VerifyAsync(_pki.Foreign)).ExitCode.Should().NotBe(0);
    }

    private Task<TestKit.Processes.ProcessResult> VerifyAsync(WorkloadFiles workload) => OpenSsl.RunAsync(
        "verify", "-crl_check_all", "-CAfile", _pki.BundleFile, "-CRLfile", _pki.CrlFile, "-untrusted", workload.CertificateFile, workload.CertificateFile);
}
