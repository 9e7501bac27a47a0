using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using MtlsSidecar.Authority.Commands;
using MtlsSidecar.Authority.Hosting;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.Authority.Tests.Hosting;

public sealed class DrainTests
{
    /// <summary>As long as a request may be: at the least rate that the server puts up with, it may take seventeen seconds.</summary>
    private static readonly string Body = new('x', 4096);

    [Fact]
    public async Task RequestThatHangs_IsCutAfterTheGracePeriod_AndTheExitCodeTells()
    {
        await using var authority = await AuthorityProcess.StartAsync("--grace-period", "1s");
        using var request = await BeginRequestAsync(authority);

        (await authority.TerminateAsync()).Should().Be(1);

        authority.Process.Output.ToString().Should().Contain("1 requests are cut");
    }

    [Fact]
    public async Task RequestInFlight_IsFinished_AndTheExitCodeIsZero()
    {
        await using var authority = await AuthorityProcess.StartAsync("--grace-period", "1h");
        using var request = await BeginRequestAsync(authority);
        authority.Process.Signal(ProcessSignal.Terminate);
        await Eventually.HoldsAsync(async () => await authority.ProbeAsync("live") is null, "no listener any more");

        await request.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Body[^1..]));

        using var reader = new StreamReader(request.GetStream(), Encoding.Latin1);
        (await reader.ReadToEndAsync()).Should().StartWith("HTTP/1.1 200");
        (await authority.Process.WaitForExitAsync(TimeSpan.FromSeconds(40))).Should().Be(0);
    }

    [Fact]
    public async Task GracePeriod_IsTheOnlyLimit_AndNotTheHosts()
    {
        using var program = await AuthorityProgram.InitAsync();
        using var authority = OpenedAuthority.Open(new AuthorityLocation(new DirectoryInfo(program.Data), null, null));
        var options = new ServeOptions { Listen = new(IPAddress.Loopback, 1), Publish = new(IPAddress.Loopback, 2), Admin = new(IPAddress.Loopback, 3) };

        await using var app = AuthorityServer.Build(authority, options, _ => { });

        app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout.Should().Be(Timeout.InfiniteTimeSpan);
    }

    /// <summary>A request that has reached its endpoint, which asked for the body, and waits for its last byte.</summary>
    private static async Task<TcpClient> BeginRequestAsync(AuthorityProcess authority)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, authority.Publish.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "POST /ocsp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ocsp-request\r\nContent-Length: 4096\r\nExpect: 100-continue\r\n\r\n"));
        var answer = new byte["HTTP/1.1 100 Continue\r\n\r\n".Length];
        await stream.ReadExactlyAsync(answer);
        Encoding.ASCII.GetString(answer).Should().StartWith("HTTP/1.1 100");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Body[..^1]));
        return client;
    }
}
