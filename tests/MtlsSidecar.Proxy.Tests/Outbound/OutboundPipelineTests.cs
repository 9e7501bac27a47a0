using MtlsSidecar.Proxy.Outbound;

namespace MtlsSidecar.Proxy.Tests.Outbound;

public sealed class OutboundPipelineTests
{
    [Theory]
    [InlineData("users", "users")]
    [InlineData("users:8080", "users")]
    [InlineData("Users:", "Users")]
    [InlineData("xn--bcher-kva.test:80", "xn--bcher-kva.test")]
    [InlineData("xn--0", "xn--0")]
    [InlineData("127.0.0.1:80", "127.0.0.1")]
    [InlineData("[::1]:80", "[::1]")]
    [InlineData("[::1]", "[::1]")]
    [InlineData("[::1", "[")]
    [InlineData(":80", "")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void Host_IsWithoutItsPortAndElseToTheLetter(string? authority, string host) => OutboundPipeline.HostOf(authority).Should().Be(host);
}
