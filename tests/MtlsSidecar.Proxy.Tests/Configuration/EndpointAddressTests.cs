using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Proxy.Tests.Configuration;

public sealed class EndpointAddressTests
{
    [Theory]
    [InlineData("https://0.0.0.0:8443", EndpointScheme.Https, "0.0.0.0", 8443, "https://0.0.0.0:8443")]
    [InlineData("HTTP://LocalHost:0", EndpointScheme.Http, "localhost", 0, "http://localhost:0")]
    [InlineData("http://127.0.0.1:8080/", EndpointScheme.Http, "127.0.0.1", 8080, "http://127.0.0.1:8080")]
    [InlineData("https://users.internal", EndpointScheme.Https, "users.internal", 443, "https://users.internal:443")]
    [InlineData("http://users", EndpointScheme.Http, "users", 80, "http://users:80")]
    [InlineData("tcp://rabbit_1.internal:5671", EndpointScheme.Tcp, "rabbit_1.internal", 5671, "tcp://rabbit_1.internal:5671")]
    [InlineData("http://[0:0::1]:8080", EndpointScheme.Http, "::1", 8080, "http://[::1]:8080")]
    [InlineData("https://[::]", EndpointScheme.Https, "::", 443, "https://[::]:443")]
    public void NetworkAddress_IsReadAndSpelledCanonically(string text, EndpointScheme scheme, string host, int port, string canonical)
    {
        var address = EndpointAddress.Parse(text);

        (address.Scheme, address.Host, address.Port, address.UnixPath).Should().Be((scheme, host, port, null));
        address.ToString().Should().Be(canonical);
        EndpointAddress.Parse(canonical).Should().Be(address);
    }

    [Fact]
    public void UnixAddress_KeepsItsPath()
    {
        var address = EndpointAddress.Parse("unix:///run/App.sock");

        (address.Scheme, address.UnixPath, address.IsLoopback).Should().Be((EndpointScheme.Unix, "/run/App.sock", true));
        address.ToString().Should().Be("unix:///run/App.sock");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("127.0.0.1:8080")]
    [InlineData("ftp://127.0.0.1:21")]
    [InlineData("http://")]
    [InlineData("http://:8080")]
    [InlineData("http://*:8080")]
    [InlineData("http://+:8080")]
    [InlineData("http://user@127.0.0.1:8080")]
    [InlineData("http://127.0.0.1:8080/path")]
    [InlineData("http://127.0.0.1:8080?x=1")]
    [InlineData("http://127.0.0.1:8080#x")]
    [InlineData("http://127.0.0.1:65536")]
    [InlineData("http://127.0.0.1:-1")]
    [InlineData("http://127.0.0.1:+1")]
    [InlineData("http://127.0.0.1: 80")]
    [InlineData("http://127.0.0.1:")]
    [InlineData("tcp://127.0.0.1")]
    [InlineData("http://127.1:80")]
    [InlineData("http://2130706433:80")]
    [InlineData("http://0x7f.1:80")]
    [InlineData("http://0177.0.0.1:80")]
    [InlineData("http://[127.0.0.1]:80")]
    [InlineData("http://[::1:80")]
    [InlineData("http://::1:80")]
    [InlineData("http://-bad.test:80")]
    [InlineData("http://a..b:80")]
    [InlineData("http://a b:80")]
    [InlineData("unix://run/app.sock")]
    [InlineData("unix:///")]
    [InlineData("unix:///run/dir/")]
    public void MalformedAddress_IsRefused(string? text) => EndpointAddress.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void UnixPathLongerThanTheSystemTakes_IsRefused()
    {
        EndpointAddress.TryParse("unix:///" + new string('a', 106), out _).Should().BeTrue();
        EndpointAddress.TryParse("unix:///" + new string('a', 107), out _).Should().BeFalse();
    }

    [Theory]
    [InlineData("http://localhost:1", true)]
    [InlineData("http://127.0.0.1:1", true)]
    [InlineData("http://127.9.8.7:1", true)]
    [InlineData("http://[::1]:1", true)]
    [InlineData("http://[::ffff:127.0.0.1]:1", true)]
    [InlineData("http://0.0.0.0:1", false)]
    [InlineData("http://[::]:1", false)]
    [InlineData("http://10.0.0.1:1", false)]
    [InlineData("http://localhost.evil.test:1", false)]
    [InlineData("http://[::ffff:10.0.0.1]:1", false)]
    public void Loopback_IsThisMachineOnly(string text, bool loopback) => EndpointAddress.Parse(text).IsLoopback.Should().Be(loopback);
}
