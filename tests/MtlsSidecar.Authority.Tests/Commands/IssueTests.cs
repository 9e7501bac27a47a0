using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.TestKit.Peers;

namespace MtlsSidecar.Authority.Tests.Commands;

public sealed class IssueTests : AuthorityProgramTest
{
    [Fact]
    public async Task IssuedCertificate_IsGoodForOpenSsl_WithEveryCrlChecked()
    {
        var web = await Program.IssueAsync("web", "--dns", "web.foo.test", "--dns", "WWW.foo.test");
        await Program.RunWellAsync("crl", "--out", Program["all.crl"]);

        var verified = await OpenSsl.RunAsync(
            "verify", "-crl_check_all", "-CAfile", Program.Bundle, "-CRLfile", Program["all.crl"], "-untrusted", web.CertificateFile, web.CertificateFile);
        verified.ExitCode.Should().Be(0, verified.ToString());

        var text = (await OpenSsl.RunAsync("x509", "-in", web.CertificateFile, "-noout", "-text")).Output;
        text.Should().Contain("URI:spiffe://foo.test/ns/default/sa/web, DNS:web.foo.test, DNS:www.foo.test")
            .And.Contain("TLS Web Server Authentication, TLS Web Client Authentication")
            .And.Contain("CA:FALSE")
            .And.Contain("http://127.0.0.1:8480/crl/issuing-1.crl")
            .And.Contain("OCSP - URI:http://127.0.0.1:8480/ocsp");
        File.GetUnixFileMode(web.KeyFile).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task ExistingFiles_AreReplacedOnlyWhenAsked()
    {
        var web = await Program.IssueAsync();
        var key = File.ReadAllText(web.KeyFile);

        (await Program.RunAsync("issue", "--id", "spiffe://foo.test/ns/default/sa/web", "--out", Program["web"])).ExitCode.Should().Be(1);
        File.ReadAllText(web.KeyFile).Should().Be(key);

        await Program.IssueAsync("web", "--replace");
        File.ReadAllText(web.KeyFile).Should().NotBe(key);
    }

    [Theory]
    [InlineData("spiffe://bar.test/ns/default/sa/web")]
    [InlineData("spiffe://foo.test")]
    [InlineData("spiffe://foo.test/a/../b")]
    [InlineData("https://foo.test/a")]
    [InlineData("spiffe://foo.test/mtls-authority")]
    public async Task ForeignOrMalformedIdentity_IsWrongUsage_AndNothingIsIssued(string id)
    {
        (await Program.RunAsync("issue", "--id", id, "--out", Program["out"])).ExitCode.Should().Be(2);
        (await Program.RunAsync("token", "--id", id)).Should().Match<TestKit.Processes.ProcessResult>(result => result.ExitCode == 2 && result.Output.Length == 0);

        (await Program.ListAsync()).Should().NotContain(certificate => certificate.Kind == "Workload");
    }

    [Theory]
    [InlineData("--days", "0")]
    [InlineData("--days", "826")]
    [InlineData("--dns", "not a name")]
    [InlineData("--nonsense", "1")]
    public async Task OptionOutOfRange_IsWrongUsage(string option, string value)
        => (await Program.RunAsync("issue", "--id", "spiffe://foo.test/a", "--out", Program["out"], option, value)).ExitCode.Should().Be(2);
}
