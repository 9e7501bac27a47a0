using System.Net;
using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Tests.Revocation.Fetching;

public sealed class AddressGuardTests
{
    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%2")]
    [InlineData("febf::1")]
    [InlineData("fec0::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fd20:ce::254")]
    [InlineData("fd00:c1::a9fe:a9fe")]
    [InlineData("64:ff9b:1::a9fe:a9fe")]
    [InlineData("64:ff9b:1:abcd::1")]
    [InlineData("168.63.129.16")]
    [InlineData("100.100.100.200")]
    [InlineData("192.0.0.192")]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("::")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.250")]
    [InlineData("255.255.255.255")]
    [InlineData("ff02::1")]
    public void ForbiddenAddress_IsRefused(string address) => AddressGuard.Refuse(IPAddress.Parse(address)).Should().NotBeNull();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("10.1.2.3")]
    [InlineData("192.168.0.1")]
    [InlineData("8.8.8.8")]
    [InlineData("169.253.255.255")]
    [InlineData("2001:db8::1")]
    [InlineData("fd00::1")]
    public void OrdinaryAddress_IsAllowed(string address) => AddressGuard.Refuse(IPAddress.Parse(address)).Should().BeNull();

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "0.0.0.0", true)]
    [InlineData("127.0.0.2", "0.0.0.0", true)]
    [InlineData("127.0.0.1", "::", true)]
    [InlineData("::1", "::", true)]
    [InlineData("127.0.0.2", "127.0.0.1", false)]
    [InlineData("192.0.2.1", "0.0.0.0", false)]
    public void OwnListener_IsRecognised(string target, string listener, bool isOwn)
    {
        IPEndPoint[] listeners = [new(IPAddress.Parse(listener), 8443)];

        AddressGuard.IsAmong(new IPEndPoint(IPAddress.Parse(target), 8443), listeners).Should().Be(isOwn);
        AddressGuard.IsAmong(new IPEndPoint(IPAddress.Parse(target), 8444), listeners).Should().BeFalse("the port differs");
    }
}
