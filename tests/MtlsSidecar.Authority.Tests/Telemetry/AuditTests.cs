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
        (await authority.CurlAsync("--cert", certificate, "--key", request.KeyFile, "--data-binary", "@" + certificate, authority.Validations)).Status.Should().Be(403);
        await authority.TokenAsync();
        await authority.Program.RunWellAsync("token", "cancel", Identity);

        var audit = new AuditLines(authority.Program);
        audit.Count("Made a token", Identity).Should().Be(2);
        audit.Count("Issued", Identity, "token").Should().Be(1);
        audit.Count("Issued", Identity, "renewal").Should().Be(1);
        audit.Count("Revoked", Identity, "Superseded").Should().Be(1);
        audit.Count("Refused an enrolment", "CertificateRejected", "Revoked").Should().Be(1);
        audit.Count("Refused a caller", "Revoked").Should().Be(1);
        audit.Count("Withdrew 2 tokens", Identity).Should().Be(1);
        audit.Text.Should().NotContain(token).And.NotContain("PRIVATE KEY");
    }

    [Fact]
    public async Task EveryReasonToRefuseAnEnrolment_LeavesItsLine()
    {
        await using var authority = await AuthorityProcess.StartAsync();
        var program = authority.Program;
        var good = (await Csr.CreateAsync(program)).RequestFile;
        var used = await authority.TokenAsync();
        (await authority.EnrolAsync(used, good)).Status.Should().Be(200);
        var token = await authority.TokenAsync();

        await RefusedAsync(used, (await Csr.CreateAsync(program, "other")).RequestFile, 401, "UsedToken");
        await RefusedAsync("guess", good, 401, "UnknownToken");
        await RefusedAsync(token, (await Csr.CreateAsync(program, "greedy", "-addext", "subjectAltName=DNS:admin.foo.test")).RequestFile, 403, "ForeignNames");
        await RefusedAsync(token, (await Csr.CreateAsync(program, "authority", "-addext", "basicConstraints=critical,CA:TRUE")).RequestFile, 403, "AuthorityRequested");
        await RefusedAsync(token, program.Write("nonsense", "nonsense"), 400, "BadRequest");
        await RefusedAsync(token, program.Write("large", new string('A', 100_000)), 413, "TooLarge");
        AuthorityDatabase.RunAhead(program, TimeSpan.FromHours(1));
        await RefusedAsync(token, good, 503, "Unavailable");

        async Task RefusedAsync(string presented, string request, int status, string reason)
        {
            (await authority.EnrolAsync(presented, request)).Status.Should().Be(status, reason);
            new AuditLines(program).Count("Refused an enrolment", reason).Should().Be(1, reason);
        }
    }

    [Fact]
    public async Task ActsOfTheOperator_LeaveTheirLines()
    {
        using var program = await AuthorityProgram.InitAsync();
        await program.RunWellAsync("issuer", "add", "--standby");
        await program.RunWellAsync("issuer", "use", "issuing-2");
        (await program.RunAsync("revoke", "0BADC0FFEE")).ExitCode.Should().Be(2);
        var issuer = (await program.ListAsync()).First(certificate => certificate.Kind == "Issuer");
        (await program.RunAsync("revoke", issuer.Serial)).ExitCode.Should().Be(2);

        var audit = new AuditLines(program);
        audit.Count("Issued Root", "foo.test root").Should().Be(1);
        audit.Count("Issued Issuer", "foo.test issuing-1").Should().Be(1);
        audit.Count("Issued Issuer", "foo.test issuing-2").Should().Be(1);
        audit.Count("Published CRL 1", "root").Should().Be(1);
        audit.Count("Certificates come from", "issuing-2").Should().Be(1);
        audit.Count("Refused to revoke", "0BADC0FFEE").Should().Be(1);
        audit.Count("Refused to revoke", issuer.Serial, "--authority").Should().Be(1);
    }
}
