using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.TestKit.Peers;

namespace MtlsSidecar.Authority.Tests.Hosting;

/// <summary>Starts at which nothing can be issued: revocation is told all the same.</summary>
public sealed class StartTests : AuthorityProgramTest
{
    [Fact]
    public async Task ActiveIssuerRevoked_PublishesAllTheSame_AndSaysWhyItIsUnready()
    {
        var web = await Program.IssueAsync();
        await Program.RunWellAsync("revoke", web.Serial);
        var issuer = (await Program.ListAsync()).Single(certificate => certificate.Kind == "Issuer");
        await Program.RunWellAsync("revoke", issuer.Serial, "--authority");
        EmptyPublished();

        await using var authority = await AuthorityProcess.StartUnreadyAsync(Program);

        Convert.ToHexString(await authority.CrlAsync()).Should().Contain(web.Serial);
        Convert.ToHexString(await authority.CrlAsync("root")).Should().Contain(issuer.Serial);
        (await authority.ReasonsAsync()).Should().Contain("issuing-1 is revoked").And.Contain("the server has no certificate");
        (await authority.CurlAsync(authority.Est + "cacerts")).Status.Should().Be(0, "there is nothing to trust it by");
    }

    [Fact]
    public async Task ClockBehind_PublishesAllTheSame_AndSaysWhyItIsUnready()
    {
        var web = await Program.IssueAsync();
        await Program.RunWellAsync("revoke", web.Serial);
        EmptyPublished();
        AuthorityDatabase.RunAhead(Program, TimeSpan.FromHours(1));

        await using var authority = await AuthorityProcess.StartUnreadyAsync(Program);

        Convert.ToHexString(await authority.CrlAsync()).Should().Contain(web.Serial);
        (await authority.ReasonsAsync()).Should().Contain("--accept-clock");
    }

    [Fact]
    public async Task IssuerWhoseKeyIsBroken_KeepsNoOtherFromPublishingAndAnswering()
    {
        await Program.RunWellAsync("issuer", "add");
        var web = await Program.IssueAsync();
        await Program.RunWellAsync("revoke", web.Serial);
        EmptyPublished();
        await File.WriteAllTextAsync(Path.Combine(Program.Data, "keys/issuing-1.key"), "no key");

        await using var authority = await AuthorityProcess.StartUnreadyAsync(Program);

        Convert.ToHexString(await authority.CrlAsync("issuing-2")).Should().Contain(web.Serial);
        var issuer = await IssuerFileAsync("issuing-2", authority);
        (await OpenSsl.RunAsync("ocsp", "-issuer", issuer, "-cert", web.CertificateFile, "-url", authority.Ocsp, "-CAfile", Program.Bundle, "-verify_other", issuer))
            .Output.Should().Contain("revoked");
        (await authority.ReasonsAsync()).Should().Contain("issuing-1 has no CRL");
    }

    private void EmptyPublished()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Program.Data, "published")))
        {
            File.Delete(file);
        }
    }

    private async Task<string> IssuerFileAsync(string issuer, AuthorityProcess authority)
    {
        (await Curl.RunAsync("--output", Program[issuer + ".cer"], new Uri(authority.Publish, $"/ca/{issuer}.cer").ToString())).Status.Should().Be(200);
        var converted = await OpenSsl.RunAsync("x509", "-inform", "DER", "-in", Program[issuer + ".cer"], "-out", Program[issuer + ".pem"]);
        converted.ExitCode.Should().Be(0, converted.ToString());
        return Program[issuer + ".pem"];
    }
}
