using System.Text.RegularExpressions;
using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.TestKit.Peers;

namespace MtlsSidecar.Authority.Tests.Commands;

public sealed partial class RevokeTests : AuthorityProgramTest
{
    [Theory]
    [InlineData("keyCompromise", "Key Compromise")]
    [InlineData("SUPERSEDED", "Superseded")]
    [InlineData("privilegeWithdrawn", "Privilege Withdrawn")]
    public async Task RevokedCertificate_IsRefusedByOpenSsl_WithItsReason(string reason, string shown)
    {
        var web = await Program.IssueAsync();

        await Program.RunWellAsync("revoke", web.CertificateFile, "--reason", reason);

        (await CrlTextAsync()).Should().Contain(web.Serial).And.Contain(shown);
        await Program.RunWellAsync("crl", "--out", Program["all.crl"]);
        var verified = await OpenSsl.RunAsync(
            "verify", "-crl_check_all", "-CAfile", Program.Bundle, "-CRLfile", Program["all.crl"], "-untrusted", web.CertificateFile, web.CertificateFile);
        verified.Error.Should().Contain("certificate revoked");
    }

    [Fact]
    public async Task UnknownSerial_IsWrongUsage_AndSignsNothing()
    {
        var before = await NumberAsync();

        var result = await Program.RunAsync("revoke", "0BADC0FFEE");

        result.ExitCode.Should().Be(2);
        result.Error.Should().Contain("0BADC0FFEE");
        (await NumberAsync()).Should().Be(before);
    }

    [Fact]
    public async Task ForeignCertificateWithAKnownSerial_IsWrongUsage()
    {
        var web = await Program.IssueAsync();
        var made = await OpenSsl.RunAsync(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=foreign", "-set_serial", "0x" + web.Serial,
            "-keyout", Program["foreign.key"], "-out", Program["foreign.pem"]);
        made.ExitCode.Should().Be(0, made.ToString());

        (await Program.RunAsync("revoke", Program["foreign.pem"])).ExitCode.Should().Be(2);

        (await Program.ListAsync())[0].Status.Should().Be("valid");
    }

    [Fact]
    public async Task SpiffeId_RevokesEveryCertificateOfThatWorkloadAndNoOther()
    {
        var (first, second) = (await Program.IssueAsync("web"), await Program.IssueAsync("web", "--replace"));
        var other = await Program.IssueAsync("orders");

        await Program.RunWellAsync("revoke", "spiffe://foo.test/ns/default/sa/web", "--reason", "keyCompromise");

        (await CrlTextAsync()).Should().Contain(first.Serial).And.Contain(second.Serial).And.NotContain(other.Serial);
        (await Program.RunAsync("revoke", "spiffe://foo.test/ns/default/sa/web")).ExitCode.Should().Be(2);
    }

    [Fact]
    public async Task SpiffeIdWhoseCrlCantBeWritten_IsRevokedWholeAllTheSame_AndOtherIssuersPublish()
    {
        var first = new[] { await Program.IssueAsync("web"), await Program.IssueAsync("web", "--replace") };
        await Program.RunWellAsync("issuer", "add");
        var second = await Program.IssueAsync("web", "--replace");

        // A disk that is full to the first octet.
        File.CreateSymbolicLink(Path.Combine(Program.Data, "published", "issuing-1.crl.entries"), "/dev/full");
        var result = await Program.RunAsync("revoke", "spiffe://foo.test/ns/default/sa/web", "--reason", "keyCompromise");

        result.ExitCode.Should().Be(1);
        result.Error.Should().Contain("recorded").And.Contain("issuing-1").And.NotContain("issuing-2");
        (await Program.ListAsync()).Where(certificate => certificate.Kind == "Workload").Should().HaveCount(3).And.OnlyContain(certificate => certificate.Status == "revoked:keyCompromise");
        (await CrlTextAsync("issuing-2")).Should().Contain(second.Serial);

        await Program.RunWellAsync("revoke", "spiffe://foo.test/ns/default/sa/web");
        (await CrlTextAsync()).Should().ContainAll(first.Select(certificate => certificate.Serial));
        (await Program.ListAsync()).Should().NotContain(certificate => certificate.Status == "revoked:unspecified");
    }

    [Fact]
    public async Task SpiffeIdWithTokensAlone_LosesThem()
    {
        await Program.RunWellAsync("token", "--id", "spiffe://foo.test/ns/default/sa/web");

        (await Program.RunWellAsync("revoke", "spiffe://foo.test/ns/default/sa/web")).Should().Contain("1 token");

        (await Program.RunWellAsync("token", "list")).Should().BeEmpty();
    }

    [Fact]
    public async Task SpiffeIdOnHold_IsTakenBackAsAWhole()
    {
        var web = await Program.IssueAsync("web");
        await Program.RunWellAsync("revoke", "spiffe://foo.test/ns/default/sa/web", "--reason", "certificateHold");
        (await CrlTextAsync()).Should().Contain(web.Serial);
        await Program.RunWellAsync("token", "--id", "spiffe://foo.test/ns/default/sa/web");

        await Program.RunWellAsync("revoke", "spiffe://foo.test/ns/default/sa/web", "--reason", "removeFromCRL");

        (await CrlTextAsync()).Should().NotContain(web.Serial);
        (await Program.RunWellAsync("token", "list")).Should().Contain("sa/web", "nothing is taken from whom all is given back");
        (await Program.RunAsync("revoke", "spiffe://foo.test/ns/default/sa/web", "--reason", "removeFromCRL")).ExitCode.Should().Be(2);
    }

    [Fact]
    public async Task RevokingTwice_ChangesNothing()
    {
        var web = await Program.IssueAsync();
        await Program.RunWellAsync("revoke", web.Serial, "--reason", "keyCompromise");
        var number = await NumberAsync();

        (await Program.RunWellAsync("revoke", web.Serial.ToLowerInvariant(), "--reason", "superseded")).Should().Contain("already");

        (await NumberAsync()).Should().Be(number);
        (await Program.ListAsync())[0].Status.Should().Be("revoked:keyCompromise");
    }

    [Fact]
    public async Task HoldIsTakenBack_AnythingElseIsFinal()
    {
        var web = await Program.IssueAsync();
        await Program.RunWellAsync("revoke", web.Serial, "--reason", "certificateHold");
        (await CrlTextAsync()).Should().Contain(web.Serial);

        await Program.RunWellAsync("revoke", web.Serial, "--reason", "removeFromCRL");
        (await CrlTextAsync()).Should().NotContain(web.Serial);
        (await CrlTextAsync("issuing-1-delta")).Should().Contain(web.Serial).And.Contain("Remove From CRL");

        await Program.RunWellAsync("revoke", web.Serial, "--reason", "keyCompromise");
        (await Program.RunAsync("revoke", web.Serial, "--reason", "removeFromCRL")).ExitCode.Should().Be(2);
        (await CrlTextAsync()).Should().Contain(web.Serial);
    }

    [Fact]
    public async Task IssuerItself_IsRevokedOnlyWhenMeant_AndIssuesNothingAfterwards()
    {
        var issuer = (await Program.ListAsync()).Single(certificate => certificate.Kind == "Issuer");

        (await Program.RunAsync("revoke", issuer.Serial)).ExitCode.Should().Be(2);
        (await CrlTextAsync("root")).Should().Contain("No Revoked Certificates");

        await Program.RunWellAsync("revoke", issuer.Serial, "--authority", "--reason", "cACompromise");
        (await CrlTextAsync("root")).Should().Contain(issuer.Serial);
        (await Program.RunAsync("issue", "--id", "spiffe://foo.test/a", "--out", Program["a"])).Error.Should().Contain("issuer add");

        await Program.RunWellAsync("issuer", "add");
        (await Program.IssueAsync("b")).Serial.Should().NotBeEmpty();
    }

    [Fact]
    public async Task Root_CantBeRevoked()
    {
        var root = (await Program.ListAsync()).Single(certificate => certificate.Kind == "Root");

        (await Program.RunAsync("revoke", root.Serial, "--authority")).Error.Should().Contain("trust anchor");
    }

    [Fact]
    public async Task IssuerWithoutTheRootsKey_IsNotRevokedByHalves()
    {
        var issuer = (await Program.ListAsync()).Single(certificate => certificate.Kind == "Issuer");
        File.Delete(Path.Combine(Program.Data, "keys/root.key"));

        (await Program.RunAsync("revoke", issuer.Serial, "--authority")).ExitCode.Should().Be(1);

        (await Program.ListAsync()).Single(certificate => certificate.Kind == "Issuer").Status.Should().Be("valid");
    }

    [Fact]
    public async Task UnknownReason_IsWrongUsage()
    {
        var web = await Program.IssueAsync();

        (await Program.RunAsync("revoke", web.Serial, "--reason", "1")).ExitCode.Should().Be(2);
    }

    [Fact]
    public async Task EveryCrl_HasAGreaterNumber()
    {
        var first = await NumberAsync();
        await Program.RunWellAsync("crl");
        var second = await NumberAsync();
        await Program.RunWellAsync("revoke", (await Program.IssueAsync()).Serial);

        second.Should().BeGreaterThan(first);
        (await NumberAsync()).Should().BeGreaterThan(second);
    }

    [GeneratedRegex(@"X509v3 CRL Number:\s+([0-9A-Fx]+)")]
    private static partial Regex CrlNumber();

    private async Task<string> CrlTextAsync(string name = "issuing-1")
        => (await OpenSsl.RunAsync("crl", "-inform", "DER", "-in", Path.Combine(Program.Data, "published", name + ".crl"), "-noout", "-text")).Output;

    private async Task<int> NumberAsync() => Convert.ToInt32(CrlNumber().Match(await CrlTextAsync()).Groups[1].Value, 10);
}
