using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Outbound;

/// <summary>The called side isn't who it should be: no request byte leaves, the caller gets a stable reason.</summary>
public sealed class RefusedUpstreamTests : IDisposable
{
    private readonly WorkloadPki _pki = new();

    public static TheoryData<string, string> BadServers => new()
    {
        { "another workload", "IdentityMismatch" },
        { "foreign authority", "UntrustedAnchor" },
        { "expired", "Expired" },
        { "not yet valid", "NotYetValid" },
        { "for clients only", "WrongKeyUsage" },
        { "of an authority", "AuthorityAsLeaf" },
        { "self-signed", "UntrustedAnchor" },
        { "revoked", "Revoked" },
        { "two URI names", "IdentityAmbiguous" },
        { "1024-bit RSA", "WeakAlgorithm" },
        { "SHA-1", "WeakAlgorithm" },
    };

    private static IssueOptions Orders => WorkloadPki.ForWorkload("orders");

    public void Dispose() => _pki.Dispose();

    [Theory]
    [MemberData(nameof(BadServers))]
    public async Task PeerWithABadCertificate_Is502AndSeesNoRequest(string kind, string reason)
    {
        // nginx serves certificates that .NET would not: what is refused is refused by us.
        await using var peer = await HttpApplication.StartAsync();
        await using var nginx = await Nginx.StartServerAsync(_pki, Forge(kind), peer.Address);
        await using var sidecar = await StartAsync(settings => settings.Upstream("orders", WorkloadPki.SpiffeId("orders"), $"https://127.0.0.1:{nginx.Port}"));
        var log = sidecar.Log.Position;

        var problem = await CallAsync(sidecar);

        problem.Status.Should().Be(502);
        problem.Reason.Should().Be("upstream_certificate_rejected");
        problem.RejectionReason.Should().Be(reason);
        peer.BytesReceived.Should().Be(0);
        var line = await sidecar.Log.WaitForAsync(line => line.Event == "PeerRefused", log);
        line["Reason"].Should().Be(reason);
        line["Direction"].Should().Be("Outbound");
        (await sidecar.MetricsAsync()).Sum("mtls_sidecar_handshakes_total", ("direction", "outbound"), ("reason", reason)).Should().BePositive();
        (await sidecar.StatusAsync()).GetProperty("lastRefusals")[0].GetProperty("reason").GetString().Should().Be(reason);
    }

    [Theory]
    [InlineData("localhost", 200)]
    [InlineData("127.0.0.1", 200)]
    public async Task DestinationWithoutIdentities_MustMatchItsHostName(string host, int status)
    {
        await using var peer = await HttpApplication.StartPeerAsync(_pki.Orders);
        await using var sidecar = await StartAsync(settings => settings.Upstream("orders", null, $"https://{host}:{peer.Port}"));

        (await CallAsync(sidecar)).Status.Should().Be(status);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task CertificateOfAnotherHost_IsRefused(string host)
    {
        var other = _pki.Issue("other", Orders with { DnsNames = ["other.internal"], IpAddresses = [IPAddress.Parse("192.0.2.7")] });
        await using var peer = await HttpApplication.StartPeerAsync(other);
        await using var sidecar = await StartAsync(settings => settings.Upstream("orders", null, $"https://{host}:{peer.Port}"));

        var problem = await CallAsync(sidecar);

        problem.RejectionReason.Should().Be("IdentityMismatch");
        peer.BytesReceived.Should().Be(0);
    }

    [Fact]
    public async Task PeerThatSpeaksNoTls_Is502()
    {
        await using var peer = await HttpApplication.StartAsync();
        await using var sidecar = await StartAsync(settings => settings.Upstream("orders", null, $"https://127.0.0.1:{peer.Port}"));

        var problem = await CallAsync(sidecar);

        problem.Status.Should().Be(502);
        peer.Requests.Should().BeEmpty();
        (await sidecar.MetricsAsync()).Sum("mtls_sidecar_handshakes_total", ("direction", "outbound"), ("result", "failed"), ("reason", "tls")).Should().Be(1);
    }

    [Fact]
    public async Task ServerNameOfTheHandshake_IsTheDestinationsAndNotTheCallersHost()
    {
        await using var peer = ScriptedHttpServer.StartTls(
            request => request.AnswerAsync([]),
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(_pki.Orders.Certificate.WithKey(), [.. _pki.Orders.Certificate.Intermediates], offline: true),
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            });
        await using var sidecar = await StartAsync(settings => settings.Upstream("orders", WorkloadPki.SpiffeId("orders"), $"https://localhost:{peer.Endpoint.Port}"));

        (await CallAsync(sidecar)).Status.Should().Be(200);

        peer.ServerNames.Should().Equal("localhost");
        peer.Requests.Should().ContainSingle().Which.Should().Contain("Host: orders");
    }

    [Fact]
    public async Task PeerThatRefusesUs_Is502()
    {
        await using var application = await HttpApplication.StartAsync();
        using var others = new WorkloadPki();
        await using var peer = await SidecarProcess.StartAsync(
            SidecarSettings.For("orders", others.Orders, others).Inbound(application.Address).Allow(WorkloadPki.SpiffeId("web")));
        var trustsBoth = _pki.Directory.Write("both.crt", File.ReadAllText(_pki.BundleFile) + File.ReadAllText(others.BundleFile));
        await using var sidecar = await StartAsync(settings => settings
            .Upstream("orders", WorkloadPki.SpiffeId("orders"), peer.Settings.Text("Inbound:Listen")!)
            .Set("Trust:BundleFile", trustsBoth)
            .Set("Validation:Revocation", "Off"));

        var problem = await CallAsync(sidecar);

        problem.Status.Should().Be(502);
        problem.Reason.Should().BeOneOf("upstream_reset", "upstream_unreachable");
        application.BytesReceived.Should().Be(0);
    }

    [Fact]
    public async Task PortWithoutAListener_Is502Unreachable()
    {
        await using var sidecar = await StartAsync(settings => settings.Upstream("orders", WorkloadPki.SpiffeId("orders"), $"https://127.0.0.1:{FreePorts.Next()}"));

        var problem = await CallAsync(sidecar);

        problem.Status.Should().Be(502);
        problem.Reason.Should().Be("upstream_unreachable");
    }

    [Fact]
    public async Task NameThatDoesNotResolve_Is502Unreachable()
    {
        await using var sidecar = await StartAsync(settings => settings.Upstream("orders", WorkloadPki.SpiffeId("orders"), "https://no-such-host.invalid:8443"));

        var problem = await CallAsync(sidecar);

        problem.Status.Should().Be(502);
        problem.Reason.Should().Be("upstream_unreachable");
    }

    private static async Task<Problem> CallAsync(SidecarProcess sidecar)
    {
        using var client = PlainClient.Create();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(sidecar.Outbound, "/secret")) { Headers = { Host = "orders" } };
        using var response = await client.SendAsync(request);
        return await Problem.ReadAsync(response);
    }

    private WorkloadFiles Forge(string kind)
    {
        if (kind == "revoked")
        {
            var revoked = _pki.Issue("revoked", Orders);
            _pki.Revoke(revoked);
            return revoked;
        }

        return kind switch
        {
            "another workload" => _pki.Users,
            "foreign authority" => _pki.Issue("foreign-orders", Orders, _pki.ForeignIssuing),
            "expired" => _pki.Issue("bad", Orders with { NotBefore = DateTimeOffset.UtcNow.AddHours(-2), NotAfter = DateTimeOffset.UtcNow.AddMinutes(-1) }),
            "for clients only" => _pki.Issue("bad", Orders with { Usages = [IssueOptions.ClientAuthentication] }),
            "not yet valid" => _pki.Issue("bad", Orders with { NotBefore = DateTimeOffset.UtcNow.AddHours(1), NotAfter = DateTimeOffset.UtcNow.AddHours(2) }),
            "of an authority" => _pki.Issue("bad", Orders with { Configure = request => BadPeers.Replace(request, new X509BasicConstraintsExtension(true, false, 0, true)) }),
            "self-signed" => _pki.Write("bad", BadPeers.SelfSigned("orders")),
            "two URI names" => _pki.Issue("bad", Orders with { Uris = [WorkloadPki.SpiffeId("orders"), WorkloadPki.SpiffeId("admin")] }),
            "SHA-1" => _pki.Issue("bad", Orders with { SignatureHash = System.Security.Cryptography.HashAlgorithmName.SHA1 }),
            _ => _pki.Issue("bad", Orders with { Key = System.Security.Cryptography.RSA.Create(1024) }),
        };
    }

    private Task<SidecarProcess> StartAsync(Action<SidecarSettings> configure)
    {
        var settings = SidecarSettings.For("web", _pki.Web, _pki);
        configure(settings);
        return SidecarProcess.StartAsync(settings);
    }
}
