using System.Text.RegularExpressions;
using MtlsSidecar.TestKit.Peers;

namespace MtlsSidecar.Authority.Tests.Commands;

public sealed partial class RevokeTests : IAsyncLifetime
{
    private AuthorityProgram _program = null!;

    public async Task InitializeAsync() => _program = await AuthorityProgram.InitAsync();

    public Task DisposeAsync()
    {
        _program.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("keyCompromise", "Key Compromise")]
    [InlineData("SUPERSEDED", "Superseded")]
    [InlineData("privilegeWithdrawn", "Privilege Withdrawn")]
    public async Task RevokedCertificate_IsRefusedByOpenSsl_WithItsReason(string reason, string shown)
    {
        var web = await _program.IssueAsync();

        await _program.RunWellAsync("revoke", web.CertificateFile, "--reason", reason);

        (await CrlTextAsync()).Should().Contain(web.Serial).And.Contain(shown);
        await _program.RunWellAsync("crl", "--out", _program["all.crl"]);
        var verified = await OpenSsl.RunAsync(
            "verify", "-crl_check_all", "-CAfile", _program.Bundle, "-CRLfile", _program["all.crl"], "-untrusted", web.CertificateFile, web.CertificateFile);
        verified.Error.Should().Contain("certificate revoked");
    }

    [Fact]
    public async Task UnknownSerial_IsWrongUsage_AndSignsNothing()
    {
        var before = await NumberAsync();

        var result = await _program.RunAsync("revoke", "0BADC0FFEE");

        result.ExitCode.Should().Be(2);
        result.Error.Should().Contain("0BADC0FFEE");
        (await NumberAsync()).Should().Be(before);
    }

    [Fact]
    public async Task ForeignCertificateWithAKnownSerial_IsWrongUsage()
    {
        using var other = await AuthorityProgram.InitAsync();
        var foreign = await other.IssueAsync();

        (await _program.RunAsync("revoke", foreign.CertificateFile)).ExitCode.Should().Be(2);
    }

    [Fact]
    public async Task RevokingTwice_ChangesNothing()
    {
        var web = await _program.IssueAsync();
        await _program.RunWellAsync("revoke", web.Serial, "--reason", "keyCompromise");
        var number = await NumberAsync();

        (await _program.RunWellAsync("revoke", web.Serial.ToLowerInvariant(), "--reason", "superseded")).Should().Contain("already");

        (await NumberAsync()).Should().Be(number);
        (await _program.ListAsync())[0].Status.Should().Be("revoked:keyCompromise");
    }

    [Fact]
    public async Task HoldIsTakenBack_AnythingElseIsFinal()
    {
        var web = await _program.IssueAsync();
        await _program.RunWellAsync("revoke", web.Serial, "--reason", "certificateHold");
        (await CrlTextAsync()).Should().Contain(web.Serial);

        await _program.RunWellAsync("revoke", web.Serial, "--reason", "removeFromCRL");
        (await CrlTextAsync()).Should().NotContain(web.Serial);
        (await CrlTextAsync("issuing-1-delta")).Should().Contain(web.Serial).And.Contain("Remove From CRL");

        await _program.RunWellAsync("revoke", web.Serial, "--reason", "keyCompromise");
        (await _program.RunAsync("revoke", web.Serial, "--reason", "removeFromCRL")).ExitCode.Should().Be(2);
        (await CrlTextAsync()).Should().Contain(web.Serial);
    }

    [Fact]
    public async Task IssuerItself_IsRevokedOnlyWhenMeant_AndIssuesNothingAfterwards()
    {
        var issuer = (await _program.ListAsync()).Single(certificate => certificate.Kind == "Issuer");

        (await _program.RunAsync("revoke", issuer.Serial)).ExitCode.Should().Be(2);
        (await CrlTextAsync("root")).Should().Contain("No Revoked Certificates");

        await _program.RunWellAsync("revoke", issuer.Serial, "--authority", "--reason", "cACompromise");
        (await CrlTextAsync("root")).Should().Contain(issuer.Serial);
        (await _program.RunAsync("issue", "--id", "spiffe://foo.test/a", "--out", _program["a"])).Error.Should().Contain("issuer add");

        await _program.RunWellAsync("issuer", "add");
        (await _program.IssueAsync("b")).Serial.Should().NotBeEmpty();
    }

    [Fact]
    public async Task Root_CantBeRevoked()
    {
        var root = (await _program.ListAsync()).Single(certificate => certificate.Kind == "Root");

        (await _program.RunAsync("revoke", root.Serial, "--authority")).Error.Should().Contain("trust anchor");
    }

    [Fact]
    public async Task IssuerWithoutTheRootsKey_IsNotRevokedByHalves()
    {
        var issuer = (await _program.ListAsync()).Single(certificate => certificate.Kind == "Issuer");
        File.Delete(Path.Combine(_program.Data, "keys/root.key"));

        (await _program.RunAsync("revoke", issuer.Serial, "--authority")).ExitCode.Should().Be(1);

        (await _program.ListAsync()).Single(certificate => certificate.Kind == "Issuer").Status.Should().Be("valid");
    }

    [Fact]
    public async Task UnknownReason_IsWrongUsage()
    {
        var web = await _program.IssueAsync();

        (await _program.RunAsync("revoke", web.Serial, "--reason", "1")).ExitCode.Should().Be(2);
    }

    [Fact]
    public async Task EveryCrl_HasAGreaterNumber()
    {
        var first = await NumberAsync();
        await _program.RunWellAsync("crl");
        var second = await NumberAsync();
        await _program.RunWellAsync("revoke", (await _program.IssueAsync()).Serial);

        second.Should().BeGreaterThan(first);
        (await NumberAsync()).Should().BeGreaterThan(second);
    }

    [GeneratedRegex(@"X509v3 CRL Number:\s+([0-9A-Fx]+)")]
    private static partial Regex CrlNumber();

    private async Task<string> CrlTextAsync(string name = "issuing-1")
        => (await OpenSsl.RunAsync("crl", "-inform", "DER", "-in", Path.Combine(_program.Data, "published", name + ".crl"), "-noout", "-text")).Output;

    private async Task<int> NumberAsync() => Convert.ToInt32(CrlNumber().Match(await CrlTextAsync()).Groups[1].Value, 10);
}
