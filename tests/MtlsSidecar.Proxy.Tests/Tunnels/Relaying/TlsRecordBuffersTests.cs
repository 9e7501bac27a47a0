using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Proxy.Tunnels.Relaying;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.Proxy.Tests.Tunnels.Relaying;

/// <summary>Decision 23: tells when a new runtime or OpenSSL makes the switch a thing of the past.</summary>
public sealed class TlsRecordBuffersTests
{
    [Fact]
    public async Task FinishedHandshake_CanBeSwitchedAndStillCarries()
    {
        using var authority = TestAuthority.CreateRoot("Root");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var accepted = await listener.AcceptTcpClientAsync();
        await using var near = new SslStream(client.GetStream());
        await using var far = new SslStream(accepted.GetStream());
        var identity = SslStreamCertificateContext.Create(authority.Issue(WorkloadPki.ForWorkload("orders")).WithKey(), [], offline: true);
        await Task.WhenAll(
            far.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = identity }),
            near.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            }));

        TlsRecordBuffers.ReleaseWhileEmpty(near).Should().BeTrue();
        TlsRecordBuffers.ReleaseWhileEmpty(far).Should().BeTrue();

        for (var length = 1; length < 100_000; length *= 7)
        {
            var sent = Enumerable.Range(0, length).Select(value => (byte)value).ToArray();
            var received = new byte[length];
            await Task.WhenAll(near.WriteAsync(sent).AsTask(), far.ReadExactlyAsync(received).AsTask());
            received.Should().Equal(sent);
        }
    }
}
