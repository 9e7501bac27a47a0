using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Inbound;

/// <summary>Contract, behaviour 1: every kind of bad peer, over both versions of TLS.</summary>
public sealed class RefusedPeerTests(InboundFixture fixture) : IClassFixture<InboundFixture>
{
    private const string Request = "GET /secret HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n";

    public static TheoryData<string, string> Kinds => BadPeers.All;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task BadCertificate_IsRefusedUnderTls13(string kind, string reason) => await AssertRefusedAsync(BadPeers.Forge(fixture.Pki, kind), reason, "-tls1_3");

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task BadCertificate_IsRefusedUnderTls12(string kind, string reason) => await AssertRefusedAsync(BadPeers.Forge(fixture.Pki, kind), reason, "-tls1_2");

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task NoCertificate_IsRefused(string protocol) => await AssertRefusedAsync(peer: null, "NoCertificate", protocol);

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task RevokedCertificate_IsRefused(string protocol)
    {
        var peer = fixture.Pki.Issue($"revoked{protocol}", WorkloadPki.ForWorkload("web"));
        fixture.Pki.Revoke(peer);
        await TestKit.Time.Eventually.HoldsAsync(
            async () => !(await OpenSslClient.SendAsync(fixture.Port, Request, peer, protocol)).Output.Contains("HTTP/1.1", StringComparison.Ordinal),
            "the new CRL refuses the peer");

        await AssertRefusedAsync(peer, "Revoked", protocol);
    }

    [Fact]
    public async Task ImpostorWithTheTrustedAuthoritiesNames_IsRefused()
    {
        using var root = TestAuthority.CreateRoot("Foo Root");
        using var issuing = root.CreateIntermediate("Foo Issuing");
        var peer = fixture.Pki.Issue("impostor", WorkloadPki.ForWorkload("web"), issuing);

        // Both are true: the name is an anchor's, the signature isn't.
        await AssertRefusedAsync(peer, reason: null, "-tls1_3");
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task GoodCertificate_IsServed(string protocol)
    {
        var result = await OpenSslClient.SendAsync(fixture.Port, Request, fixture.Pki.Web, protocol);

        result.Output.Should().Contain("HTTP/1.1 200 OK");
    }

    private async Task AssertRefusedAsync(WorkloadFiles? peer, string? reason, string protocol)
    {
        var bytes = fixture.Application.BytesReceived;
        var connections = fixture.Application.Connections;
        var log = fixture.Sidecar.Log.Position;
        var metrics = await fixture.Sidecar.MetricsAsync();
        var earlier = await NewestRefusalAsync();

        var result = await OpenSslClient.SendAsync(fixture.Port, Request, peer, protocol);

        // The peer learns nothing but that it was refused, and the application nothing at all.
        result.Output.Should().NotContain("HTTP/");
        fixture.Application.BytesReceived.Should().Be(bytes);
        fixture.Application.Connections.Should().Be(connections);

        // The operator learns everything, three times. The log is written behind the request, so that a line of an earlier test may come late:
        // the peer's address tells which is ours.
        await Eventually.HoldsAsync(async () => (await NewestRefusalAsync())?.ToString() != earlier?.ToString(), "the refusal shows in /status");
        var last = (await NewestRefusalAsync())!.Value;
        var remote = last.GetProperty("remote").GetString();
        var line = await fixture.Sidecar.Log.WaitForAsync(line => line.Event == "PeerRefused" && line["Remote"] == remote, log);
        line["Reason"].Should().Be(reason ?? line["Reason"]);
        line["Direction"].Should().Be("Inbound");
        Described(line["Subject"], line["Serial"], line["Sha256"], peer);
        fixture.Sidecar.Log.Lines(log).Count(other => other.Event == "PeerRefused" && other["Remote"] == remote).Should().Be(1);

        var refused = line["Reason"]!;
        var tags = new[] { ("direction", "inbound"), ("reason", refused) };
        (await fixture.Sidecar.MetricsAsync()).Sum("mtls_sidecar_handshakes_total", tags)
            .Should().Be(metrics.Sum("mtls_sidecar_handshakes_total", tags) + 1);

        last.GetProperty("reason").GetString().Should().Be(refused);
        (last.GetProperty("step").GetString() ?? "null").Should().Be(line["Step"]);
        (line["Step"] == "null").Should().Be(peer is null, "whatever is presented is refused by a step");
        Described(last.GetProperty("subject").GetString(), last.GetProperty("serial").GetString(), last.GetProperty("sha256").GetString(), peer);
    }

    private async Task<System.Text.Json.JsonElement?> NewestRefusalAsync()
    {
        var refusals = (await fixture.Sidecar.StatusAsync()).GetProperty("lastRefusals");
        return refusals.GetArrayLength() > 0 ? refusals[0] : null;
    }

    private static void Described(string? subject, string? serial, string? sha256, WorkloadFiles? peer)
    {
        if (peer is null)
        {
            return;
        }

        var certificate = peer.Certificate.Certificate;
        subject.Should().Contain("web");
        serial!.TrimStart('0').Should().BeEquivalentTo(certificate.SerialNumber.TrimStart('0'));
        certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256).Should().StartWithEquivalentOf(sha256);
        sha256!.Length.Should().BeGreaterThanOrEqualTo(8);
    }
}
