using MtlsSidecar.Authority.Tests.Harness;

namespace MtlsSidecar.Authority.Tests.Telemetry;

public sealed class AuditTests
{
    private const string Identity = "spiffe://foo.test/ns/default/sa/web";

    [Fact]
    public async Task EveryIssueRenewalRevocationAndRefusal_LeavesItsLine_AndNoSecretDoes()
    {
        await using var authority = await AuthorityProcess.StartAsync();
        var token = await authority.TokenAsync();
        var request = await Csr.CreateAsync(authority.Program);
        var certificate = await Csr.SaveAsync(authority.Program, (await authority.EnrolAsync(token, request.RequestFile)).Body, "first.pem");
        var next = await Csr.CreateAsync(authority.Program, "next");
        (await authority.RenewAsync(certificate, request.KeyFile, next.RequestFile)).Status.Should().Be(200);
        await authority.Program.RunWellAsync("revoke", certificate, "--reason", "superseded");
        (await authority.RenewAsync(certificate, request.KeyFile, next.RequestFile)).Status.Should().Be(403);

        var audit = await File.ReadAllTextAsync(Path.Combine(authority.Program.Data, "audit.log"));
        var lines = audit.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Lines("Made a token", Identity).Should().Be(1);
        Lines("Issued", Identity, "token").Should().Be(1);
        Lines("Issued", Identity, "renewal").Should().Be(1);
        Lines("Revoked", Identity, "Superseded").Should().Be(1);
        Lines("Refused an enrolment", "CertificateRejected", "Revoked").Should().Be(1);
        audit.Should().NotContain(token).And.NotContain("PRIVATE KEY");

        int Lines(params string[] words) => lines.Count(line => words.All(word => line.Contains(word, StringComparison.Ordinal)));
    }
}
