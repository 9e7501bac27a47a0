using Microsoft.AspNetCore.Server.Kestrel.Core;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Fixtures;

/// <summary>The whole way with HTTP/2 all along it, which gRPC needs.</summary>
public sealed class Http2PairFixture : PairFixture
{
    protected override Task<HttpApplication> StartApplicationAsync() => HttpApplication.StartAsync(HttpProtocols.Http2);

    protected override void Configure(SidecarSettings settings) => settings.Set("Inbound:ApplicationProtocol", "Http2");
}
