using System.Net;
using MtlsSidecar.Authority.Hosting;

namespace MtlsSidecar.Authority.Tests.Hosting;

public sealed class CallerTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:0:0::1", "2001:db8:0:1::1", false)]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.2", false)]
    public void Callers_AreCountedByAddress_AndInIpv6ByTheNetworkOfOneMachine(string one, string other, bool areTheSame)
        => (Caller.KeyOf(IPAddress.Parse(one)) == Caller.KeyOf(IPAddress.Parse(other))).Should().Be(areTheSame);
}
