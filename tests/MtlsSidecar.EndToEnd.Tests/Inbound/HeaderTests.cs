using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Inbound;

/// <summary>Contract, behaviour 4: the identity that the application reads is ours, whatever the peer wrote.</summary>
public sealed class HeaderTests(HeaderTests.Fixture fixture) : IClassFixture<HeaderTests.Fixture>
{
    private const string Forged = "URI=spiffe://foo.test/ns/default/sa/admin";

    private static readonly string[] Versions = ["1.1", "2.0"];

    public static TheoryData<string, string> SpoofedHeaders
    {
        get
        {
            var data = new TheoryData<string, string>();
            var names = from name in new[] { "X-Forwarded-Client-Cert", "Client-Cert", "Client-Cert-Chain" }
                        from separator in new[] { '-', '_', '.' }
                        from spelled in new[] { name, name.ToUpperInvariant() }
                        select spelled.Replace('-', separator);
            foreach (var name in names.Append("X_Forwarded-Client.Cert").Distinct())
            {
                foreach (var version in Versions)
                {
                    data.Add(name, version);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(SpoofedHeaders))]
    public async Task IdentityHeaderOfAPeer_NeverReachesTheApplication(string name, string version)
    {
        var echo = await GetAsync(fixture.Sidecar, version, (name, Forged));

        echo.Headers.SelectMany(header => header.Value).Should().NotContain(value => value.Contains(Forged));
        echo.Headers.Keys.Should().OnlyContain(
            header => header == "X-Forwarded-Client-Cert" || !header.Replace('_', '-').Replace('.', '-').Contains("client-cert", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task XfccOfOurs_NamesThePeerAndUsAsEnvoyDoes()
    {
        var xfcc = (await GetAsync(fixture.Sidecar, "2.0")).Header("X-Forwarded-Client-Cert").Should().ContainSingle().Subject;

        var pairs = xfcc.Split(';').Select(pair => pair.Split('=', 2)).ToLookup(pair => pair[0], pair => pair[1]);
        pairs["By"].Should().Equal(WorkloadPki.SpiffeId("orders"));
        pairs["Hash"].Should().Equal(fixture.Pki.Web.Certificate.Certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant());
        pairs["Subject"].Should().Equal("\"CN=web\"");
        pairs["URI"].Should().Equal(WorkloadPki.SpiffeId("web"));
        pairs["DNS"].Should().BeEquivalentTo("localhost", "web.internal");
    }

    [Theory]
    [InlineData("Sanitize", 0, false)]
    [InlineData("SanitizeSet", 1, false)]
    [InlineData("AppendForward", 2, true)]
    [InlineData("ForwardOnly", 1, true)]
    public async Task ForwardedClientCert_DecidesWhatBecomesOfThePeersOwn(string mode, int elements, bool keepsPeers)
    {
        await using var sidecar = await SidecarProcess.StartAsync(fixture.NewSettings().Set("Inbound:ForwardedClientCert", mode));

        var values = (await GetAsync(sidecar, "2.0", ("X-Forwarded-Client-Cert", Forged))).Header("X-Forwarded-Client-Cert");

        var all = values.SelectMany(value => value.Split(',')).ToList();
        all.Should().HaveCount(elements);
        all.Contains(Forged).Should().Be(keepsPeers);
        all.Any(element => element.Contains(WorkloadPki.SpiffeId("web"))).Should().Be(mode is "SanitizeSet" or "AppendForward");
    }

    [Fact]
    public async Task ClientCertHeader_CarriesTheCertificateAsRfc9440Says()
    {
        await using var sidecar = await SidecarProcess.StartAsync(fixture.NewSettings().Set("Inbound:ClientCertHeader", true));

        var echo = await GetAsync(sidecar, "2.0", ("Client-Cert", ":Zm9yZ2Vk:"), ("Client-Cert-Chain", ":Zm9yZ2Vk:"));

        var certificate = fixture.Pki.Web.Certificate;
        echo.Header("Client-Cert").Should().Equal($":{Convert.ToBase64String(certificate.Certificate.RawData)}:");
        echo.Header("Client-Cert-Chain").Should().Equal($":{Convert.ToBase64String(certificate.Intermediates[0].RawData)}:");
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task ForwardedHeadersOfAPeer_AreReplaced(string version)
    {
        var echo = await GetAsync(
            fixture.Sidecar, version, ("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-Proto", "gopher"), ("X-Forwarded-Host", "evil.test"), ("Host", "orders.internal"));

        echo.Header("X-Forwarded-For").Should().Equal("127.0.0.1");
        echo.Header("X-Forwarded-Proto").Should().Equal("https");
        echo.Header("X-Forwarded-Host").Should().Equal("orders.internal");
        echo.Header("Host").Should().Equal("orders.internal");
    }

    [Theory]
    [InlineData("X-HTTP-Method-Override", "DELETE")]
    [InlineData("x_http_method_override", "DELETE")]
    [InlineData("X-Original-URL", "/admin")]
    [InlineData("X-Rewrite-URL", "/admin")]
    [InlineData("X-Forwarded-Prefix", "/admin")]
    public async Task HeaderThatRewritesTheRequest_IsForwardedOnlyWhereTheOperatorSaysSo(string name, string value)
    {
        (await GetAsync(fixture.Sidecar, "2.0", (name, value))).Header(name).Should().BeEmpty();

        await using var lenient = await SidecarProcess.StartAsync(fixture.NewSettings().Set("Inbound:RewritingHeaders", "Forward"));
        (await GetAsync(lenient, "2.0", (name, value))).Header(name).Should().Equal(value);
    }

    [Fact]
    public async Task HeadersNamedByConnection_AreNotForwarded()
    {
        var echo = await GetAsync(fixture.Sidecar, "1.1", ("Connection", "X-Hop, X-Other-Hop"), ("X-Hop", "1"), ("X-Other-Hop", "2"), ("X-End", "3"));

        echo.Header("X-Hop").Should().BeEmpty();
        echo.Header("X-Other-Hop").Should().BeEmpty();
        echo.Header("X-End").Should().Equal("3");
    }

    [Fact]
    public async Task HeadersNamedByTheApplicationsConnection_AreNotForwardedEither()
    {
        using var client = MtlsClient.Create(fixture.Pki, fixture.Pki.Web);
        using var response = await client.GetAsync(new Uri(fixture.Sidecar.Inbound, "/hop"));

        response.Headers.Contains("x-hop").Should().BeFalse();
        response.Headers.GetValues("x-end").Should().Equal("everybody");
    }

    [Fact]
    public async Task TraceContext_IsPassedOnUntouched()
    {
        const string Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        var echo = await GetAsync(fixture.Sidecar, "2.0", ("traceparent", Parent), ("tracestate", "vendor=1,other=2:3"), ("baggage", "k=v"));

        echo.Header("traceparent").Should().Equal(Parent);
        echo.Header("tracestate").Should().Equal("vendor=1,other=2:3");
        echo.Header("baggage").Should().Equal("k=v");
    }

    [Fact]
    public async Task ManyAndRepeatedHeaders_ArriveAsTheyWere()
    {
        var sent = Enumerable.Range(0, 60).Select(i => ($"X-Number-{i}", $"value {i}")).Append(("Cookie", "a=1; b=2")).Append(("Authorization", "Bearer abc")).ToArray();

        var echo = await GetAsync(fixture.Sidecar, "2.0", sent);

        foreach (var (name, value) in sent)
        {
            echo.Header(name).Should().Equal(value);
        }
    }

    private async Task<Echo> GetAsync(SidecarProcess sidecar, string version, params (string Name, string Value)[] headers)
    {
        using var client = MtlsClient.Create(fixture.Pki, fixture.Pki.Web, Version.Parse(version));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(sidecar.Inbound, "/headers"));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value).Should().BeTrue();
        }

        using var response = await client.SendAsync(request);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        return (await response.Content.ReadFromJsonAsync<Echo>())!;
    }

    public sealed class Fixture : InboundFixture
    {
        public SidecarSettings NewSettings() =>
            SidecarSettings.For("orders", Pki.Orders, Pki).Inbound(Application.Address).Allow(WorkloadPki.SpiffeId("web"));
    }
}
