using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MtlsSidecar.Authority.Commands;
using MtlsSidecar.Authority.Hosting;
using MtlsSidecar.Authority.Tests.Harness;

namespace MtlsSidecar.Authority.Tests.Hosting;

public sealed class KestrelEndpointsTests : AuthorityProgramTest
{
    /// <summary>Behind the limits of callers and endpoints: what is left to somebody with many addresses, and to an endpoint that forgets its own.</summary>
    [Fact]
    public async Task Server_IsBoundedAsAWhole()
    {
        using var authority = OpenedAuthority.Open(new AuthorityLocation(new DirectoryInfo(Program.Data), null, null));
        var options = new ServeOptions { Listen = new(IPAddress.Loopback, 1), Publish = new(IPAddress.Loopback, 2), Admin = new(IPAddress.Loopback, 3) };
        await using var app = AuthorityServer.Build(authority, options, _ => { });

        var limits = app.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        limits.MaxConcurrentConnections.Should().Be(10_000);
        limits.MaxRequestBodySize.Should().Be(256 * 1024);
    }
}
