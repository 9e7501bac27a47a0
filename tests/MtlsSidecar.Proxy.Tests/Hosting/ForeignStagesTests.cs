using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.Proxy.Tests.Hosting;

/// <summary>A host puts stages of its own before ours where it finds what they need.</summary>
public sealed class ForeignStagesTests
{
    [Fact]
    public async Task HostsOwnAuthenticationAndAuthorization_AreNotPassed()
    {
        using var pki = new WorkloadPki();
        await using var app = SmallestSidecar.Build(pki);

        app.Services.GetService<IAuthenticationSchemeProvider>().Should().BeNull();
        app.Services.GetService<IAuthorizationHandlerProvider>().Should().BeNull();
    }
}
