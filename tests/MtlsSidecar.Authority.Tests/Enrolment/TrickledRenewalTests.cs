using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MtlsSidecar.Authority.Tests.Harness;

namespace MtlsSidecar.Authority.Tests.Enrolment;

/// <summary>A thief of a key who keeps a renewal half sent, so that it is already authenticated when the certificate is revoked.</summary>
public sealed class TrickledRenewalTests(EstFixture fixture) : IClassFixture<EstFixture>
{
    [Fact]
    public async Task CertificateRevokedWhileItsRenewalIsBeingSent_IsNotRenewed()
    {
        var program = fixture.Authority.Program;
        var stolen = await program.IssueAsync("stolen");

        // Much more than the request alone: at the least rate that the server puts up with, a body of this length may take half a minute.
        var body = await File.ReadAllTextAsync((await Csr.CreateAsync(program, "trickled")).RequestFile) + new string('\n', 8 * 1024);
        using var certificate = X509Certificate2.CreateFromPemFile(stolen.CertificateFile, stolen.KeyFile);
        using var usable = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, fixture.Authority.TlsPort);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ClientCertificateContext = SslStreamCertificateContext.Create(usable, null, offline: true),
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(program.Bundle) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        });
        await SendAsync(
            tls,
            string.Create(CultureInfo.InvariantCulture, $"POST /.well-known/est/simplereenroll HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n")
                + body[..^1]);

        // The server has the request but for its last byte, and time to judge the caller if that is what it does first.
        (await program.RunAsync("revoke", stolen.CertificateFile, "--reason", "keyCompromise")).ExitCode.Should().Be(0);
        await SendAsync(tls, body[^1..]);

        using var reader = new StreamReader(tls, Encoding.ASCII);
        (await reader.ReadToEndAsync()).Should().StartWith("HTTP/1.1 403");
    }

    private static async Task SendAsync(SslStream tls, string text) => await tls.WriteAsync(Encoding.ASCII.GetBytes(text));
}
