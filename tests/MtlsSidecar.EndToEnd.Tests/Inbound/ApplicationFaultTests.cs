using System.Net;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Inbound;

/// <summary>The local application is dead, slow or dies half-way: peers get a stable reason, the sidecar stays up and ready.</summary>
public sealed class ApplicationFaultTests(ApplicationFaultTests.Fixture fixture) : IClassFixture<ApplicationFaultTests.Fixture>
{
    [Fact]
    public async Task DeadApplication_Is503AndLeavesTheSidecarReady()
    {
        var port = FreePorts.Next();
        await using var sidecar = await SidecarProcess.StartAsync(fixture.NewSettings($"http://127.0.0.1:{port}"));

        var problem = await GetProblemAsync(sidecar, "/");

        problem.Status.Should().Be(503);
        problem.MediaType.Should().Be("application/problem+json");
        problem.Reason.Should().Be("application_unreachable");
        (await sidecar.ProbeAsync("ready")).Should().Be(HttpStatusCode.OK);

        // It comes up later, and is found without a restart.
        await using var application = await HttpApplication.StartAsync(port: port);
        (await Peer.StatusAsync(fixture.Pki, fixture.Pki.Web, sidecar.Inbound)).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task SlowApplication_Is504()
    {
        await using var sidecar = await SidecarProcess.StartAsync(fixture.NewSettings(fixture.Application.Address).Set("Inbound:Timeout", "00:00:01"));

        var problem = await GetProblemAsync(sidecar, "/wait");

        problem.Status.Should().Be(504);
        problem.Reason.Should().Be("application_timeout");
    }

    [Fact]
    public async Task ApplicationThatClosesWithoutAnAnswer_Is502()
    {
        var problem = await GetProblemAsync(fixture.Sidecar, "/abort");

        problem.Status.Should().Be(502);
        problem.Reason.Should().Be("application_reset");
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task ApplicationThatResetsInItsBody_IsNeverTakenForAWholeAnswer(string version)
    {
        using var client = MtlsClient.Create(fixture.Pki, fixture.Pki.Web, Version.Parse(version));

        // GetByteArray fails for 502 too: the reset may come before anything was passed on.
        var reading = () => client.GetByteArrayAsync(new Uri(fixture.Sidecar.Inbound, "/reset"));

        await reading.Should().ThrowAsync<HttpRequestException>();
        (await Peer.StatusAsync(fixture.Pki, fixture.Pki.Web, fixture.Sidecar.Inbound)).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task ApplicationThatStopsInItsBody_IsCutAfterTheIdleTimeout()
    {
        await using var application = new RawApplication(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
            await connection.ReadToEndAsync();
        });
        await using var sidecar = await SidecarProcess.StartAsync(fixture.NewSettings(application.Address).Set("Inbound:IdleTimeout", "00:00:01"));
        using var client = MtlsClient.Create(fixture.Pki, fixture.Pki.Web);

        var reading = () => client.GetByteArrayAsync(new Uri(sidecar.Inbound, "/"));

        await reading.Should().ThrowAsync<HttpRequestException>();
        (await sidecar.Log.WaitForEventAsync("Request"))["Reason"].Should().Be("application_timeout");
    }

    [Fact]
    public async Task AnswerThatIsNoHttp_Is502()
    {
        await using var application = new RawApplication(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("SSH-2.0-OpenSSH_9.2\r\n");
        });
        await using var sidecar = await SidecarProcess.StartAsync(fixture.NewSettings(application.Address));

        (await GetProblemAsync(sidecar, "/")).Status.Should().Be(502);
    }

    [Fact]
    public async Task ApplicationOnAUnixSocket_IsServed()
    {
        var path = fixture.Pki.Directory["application.sock"];
        await using var application = await HttpApplication.StartOnSocketAsync(path);
        await using var sidecar = await SidecarProcess.StartAsync(fixture.NewSettings($"unix://{path}"));

        (await Peer.StatusAsync(fixture.Pki, fixture.Pki.Web, sidecar.Inbound)).Should().Be(HttpStatusCode.OK);
        application.Requests.Should().ContainSingle();
    }

    private async Task<Problem> GetProblemAsync(SidecarProcess sidecar, string target)
    {
        using var client = MtlsClient.Create(fixture.Pki, fixture.Pki.Web);
        using var response = await client.GetAsync(new Uri(sidecar.Inbound, target));
        return await Problem.ReadAsync(response);
    }

    public sealed class Fixture : InboundFixture
    {
        public SidecarSettings NewSettings(string application) =>
            SidecarSettings.For("orders", Pki.Orders, Pki).Inbound(application).Allow(WorkloadPki.SpiffeId("web"));
    }
}
