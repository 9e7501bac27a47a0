using MtlsSidecar.Inspection;

namespace MtlsSidecar.Tests.Inspection;

public sealed class InspectionTargetTests
{
    [Theory]
    [InlineData("users.internal:8443", "users.internal", 8443)]
    [InlineData("127.0.0.1:1", "127.0.0.1", 1)]
    [InlineData("[::1]:65535", "::1", 65535)]
    public void HostAndPort_AreRead(string text, string host, int port)
    {
        InspectionTarget.TryParse(text, out var readHost, out var readPort).Should().BeTrue();

        (readHost, readPort).Should().Be((host, port));
    }

    [Theory]
    [InlineData("")]
    [InlineData(":8443")]
    [InlineData("users")]
    [InlineData("users:")]
    [InlineData("users:x")]
    [InlineData("users:-1")]
    [InlineData("users:0")]
    [InlineData("users:65536")]
    [InlineData("[]:1")]
    [InlineData("::1:8443")]
    [InlineData("https://users:8443")]
    public void AnythingElse_IsRefused(string text) => InspectionTarget.TryParse(text, out _, out _).Should().BeFalse();
}
