using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Tests.Revocation.Fetching;

public sealed class FetchGuardTests
{
    private static readonly FetchGuard Anywhere = new(new FetchOptions());

    [Theory]
    [InlineData("https://crl.foo.test/ca.crl", "https is not fetched")]
    [InlineData("ldap://crl.foo.test/ca", "ldap is not fetched")]
    [InlineData("file:///etc/passwd", "file is not fetched")]
    [InlineData("http://user:secret@crl.foo.test/ca.crl", "user information")]
    [InlineData("/ca.crl", "file is not fetched")]
    [InlineData("", "not a URL")]
    public void UrlOutOfACertificateThatIsNotPlainHttp_IsNotAsked(string url, string reason)
    {
        var check = () => Anywhere.Check(url, FetchOrigin.Certificate);

        check.Should().Throw<FetchException>().WithMessage($"*{reason}*");
    }

    [Fact]
    public void UrlThatMayBeAsked_IsRead()
    {
        Anywhere.Check("http://crl.foo.test/ca.crl", FetchOrigin.Certificate).AbsoluteUri.Should().Be("http://crl.foo.test/ca.crl");
        Anywhere.Check("https://crl.foo.test/ca.crl", FetchOrigin.Configured).AbsoluteUri.Should().Be("https://crl.foo.test/ca.crl");
    }

    [Fact]
    public void UrlBeyondTheLimit_IsNotAsked()
    {
        var check = () => Anywhere.Check("http://crl.foo.test/" + new string('a', 2048), FetchOrigin.Configured);

        check.Should().Throw<FetchException>().WithMessage("*too long*");
    }

    [Fact]
    public void HostThatIsNotAmongTheAllowed_IsNotAskedWhoeverNamesIt()
    {
        var guard = new FetchGuard(new FetchOptions { AllowedHosts = ["crl.foo.test"] });
        var check = () => guard.Check("http://crl.foo.test.evil.test/ca.crl", FetchOrigin.Configured);

        check.Should().Throw<FetchException>().WithMessage("*not among the allowed hosts*");
        guard.Check("http://CRL.foo.test/ca.crl", FetchOrigin.Certificate).Host.Should().Be("crl.foo.test");
    }
}
